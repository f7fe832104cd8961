import { describe, expect, test } from "vitest";
import { obstacleOf, typeFor } from "./take";

describe("typeFor", () => {
  const all = (): boolean => true;

  test("most browsers write WebM", () => {
    expect(typeFor("video", all, false)).toBe("video/webm;codecs=vp8,opus");
    expect(typeFor("voice", all, false)).toBe("audio/webm;codecs=opus");
  });

  test("Safari writes MP4, even where it could write WebM", () => {
    expect(typeFor("video", all, true)).toContain("video/mp4");
    expect(typeFor("voice", all, true)).toContain("audio/mp4");
  });

  test("an old Safari is not asked for more than it knows", () => {
    expect(typeFor("voice", (type) => type === "audio/mp4", true)).toBe("audio/mp4");
  });

  test("a browser that knows none of them chooses by itself", () => {
    expect(typeFor("video", () => false, false)).toBe("");
  });
});

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "no_device"],
  ["OverconstrainedError", "no_device"],
  ["NotReadableError", "busy"],
])("%s means: %s", (name, obstacle) => {
  expect(obstacleOf(new DOMException("", name))).toBe(obstacle);
});
