import { describe, expect, test } from "vitest";
import { fitTrim, isTrimmed, moveEdge, stepOf, wholeOf } from "./trim";

const whole = wholeOf(10.04);

describe("moveEdge", () => {
  test.each([
    [
      "the start moves by tenths",
      { startS: 0, endS: 10 },
      "start",
      2.34,
      { startS: 2.3, endS: 10 },
    ],
    [
      "the start stays in the recording",
      { startS: 1, endS: 10 },
      "start",
      -3,
      { startS: 0, endS: 10 },
    ],
    ["the start leaves a second", { startS: 0, endS: 4 }, "start", 9, { startS: 3, endS: 4 }],
    ["the end leaves a second", { startS: 5, endS: 10 }, "end", 1, { startS: 5, endS: 6 }],
    [
      "the end stays in the recording",
      { startS: 0, endS: 5 },
      "end",
      99,
      { startS: 0, endS: 10.04 },
    ],
    ["the last tenth is the end", { startS: 0, endS: 5 }, "end", 10, { startS: 0, endS: 10.04 }],
  ] as const)("%s", (_name, trim, edge, toS, expected) => {
    expect(moveEdge(trim, edge, toS, 10.04)).toEqual(expected);
  });

  test("a recording shorter than a second cannot be cut", () => {
    expect(moveEdge(wholeOf(0.6), "start", 0.5, 0.6)).toEqual({ startS: 0, endS: 0.6 });
    expect(moveEdge(wholeOf(0.6), "end", 0.1, 0.6)).toEqual({ startS: 0, endS: 0.6 });
  });
});

test("only a moved edge makes a trim", () => {
  expect(isTrimmed(whole, 10.04)).toBe(false);
  expect(isTrimmed(moveEdge(whole, "end", 9.9, 10.04), 10.04)).toBe(true);
  expect(isTrimmed(moveEdge(whole, "start", 0.1, 10.04), 10.04)).toBe(true);
});

describe("fitTrim", () => {
  test("an end that was the end stays the end", () => {
    expect(fitTrim({ startS: 2, endS: 10 }, 10, 10.3)).toEqual({ startS: 2, endS: 10.3 });
  });
  test("what lies behind the new end is drawn in", () => {
    expect(fitTrim({ startS: 8, endS: 9.5 }, 10, 8.5)).toEqual({ startS: 7.5, endS: 8.5 });
  });
});

test.each([
  ["ArrowRight", false, 0.1],
  ["ArrowLeft", false, -0.1],
  ["ArrowRight", true, 1],
  ["ArrowDown", true, -1],
  ["PageUp", false, 1],
  ["PageDown", false, -1],
  ["Home", false, null],
  ["a", false, null],
])("%s (shift: %s) moves by %s", (key, shiftKey, expected) => {
  expect(stepOf({ key, shiftKey })).toBe(expected);
});
