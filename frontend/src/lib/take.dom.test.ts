import { afterEach, expect, test } from "vitest";
import { Take } from "./take";

/** A browser without a database and without locks; with both it is tested in e2e/studio.spec.ts. */

let take: Take;

afterEach(() => take.close());

test("an empty chunk, as phones give them, means nothing", () => {
  take = Take.begin({ accountId: "acc_1", mimeType: "video/mp4", title: "", script: "" });
  take.append(new Blob([]), 1);
  expect(take.facts).toMatchObject({ bytes: 0, durationS: 0, isWhole: false });
  expect(take.facts.upload.sentBytes).toBe(0);
});
