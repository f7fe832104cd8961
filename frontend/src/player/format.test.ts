import { describe, expect, test } from "vitest";
import { formatSpeed, formatTime } from "./format";

describe("formatTime", () => {
  test.each([
    [0, "0:00"],
    [9.99, "0:09"],
    [75.4, "1:15"],
    [3600, "1:00:00"],
    [3725, "1:02:05"],
    [-1, "0:00"],
    [Number.NaN, "0:00"],
    [Number.POSITIVE_INFINITY, "0:00"],
  ])("writes %s s as %s", (timeS, written) => {
    expect(formatTime(timeS)).toBe(written);
  });
});

test("formatSpeed keeps the fraction", () => {
  expect(formatSpeed(1.25)).toBe("1.25×");
});
