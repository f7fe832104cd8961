import { expect, test } from "vitest";
import type { CampaignRow } from "../../lib/api";
import { encodingName } from "./lists";
import { overOwn } from "./rows/changes";
import { moved } from "./rows/gridKeys";
import { nextPlace } from "./spans";
import { readNews } from "./useCampaignStream";

const SIZE = { rows: 10_000, columns: 5, page: 8 };

test.each([
  ["ArrowDown", false, { row: 11, column: 2 }],
  ["ArrowDown", true, { row: 9_999, column: 2 }],
  ["ArrowLeft", true, { row: 10, column: 0 }],
  ["PageUp", false, { row: 2, column: 2 }],
  ["Home", true, { row: 0, column: 0 }],
  ["End", false, { row: 10, column: 4 }],
])("%s moves through the table (far: %s)", (key, isFar, expected) => {
  expect(moved({ row: 10, column: 2 }, key, isFar, SIZE)).toEqual(expected);
});

test("the table's edges hold, and other keys are not its own", () => {
  expect(moved({ row: 9_998, column: 4 }, "PageDown", false, SIZE)?.row).toBe(9_999);
  expect(moved({ row: 0, column: 4 }, "ArrowRight", false, SIZE)).toEqual({ row: 0, column: 4 });
  expect(moved({ row: 0, column: 0 }, "a", false, SIZE)).toBeNull();
});

test("only sentences with something personal are heard, one after the other", () => {
  const spans = [
    { start_s: 1, end_s: 2, text: "Hi Tom!" },
    { start_s: 5, end_s: 6, text: "Bye, Tom." },
  ];
  expect(nextPlace(spans, 0)).toBeCloseTo(0.85);
  expect(nextPlace(spans, 1.5)).toBe(1.5);
  expect(nextPlace(spans, 2.5)).toBeCloseTo(4.85);
  expect(nextPlace(spans, 6.5)).toBeNull();
});

test("an event that says nothing is not taken", () => {
  expect(readNews("{}")).toBeNull();
  expect(readNews("not json")).toBeNull();
  expect(readNews('{"state":"running","counts":{"ready":1}}')?.state).toBe("running");
});

test("what is typed while one's own change is being saved is a change of what that makes", () => {
  const row = (revision: string, ...cells: string[]) =>
    ({ id: "row_1", revision, cells }) as CampaignRow;
  const made = new Map([
    ["row_1 a", row("b", "new", "old", "old")],
    ["row_1 b", row("c", "new", "new", "old")],
  ]);
  const seen = { row: row("a", "old", "old", "old"), changes: { cells: ["old", "old", "third"] } };
  const { row: over, changes } = overOwn(seen, made);
  expect([over.revision, changes.cells]).toEqual(["c", ["new", "new", "third"]]);
  expect(overOwn({ row: row("z"), changes: { approved: true } }, made).row.revision).toBe("z");
});

test("an encoding is called as spreadsheet programs call it", () => {
  expect(encodingName("iso2022_jp")).toBe("ISO-2022-JP");
  expect(encodingName("cp932")).toBe("Shift_JIS");
  expect(encodingName("utf-16")).toBe("utf-16");
});
