import { expect, test } from "vitest";
import { stretchesOf } from "./heat";

const heat = (...runs: [number, number][]) =>
  runs.flatMap(([count, viewers]) => Array.from({ length: count }, () => viewers));

test("what everybody watched is one stretch", () => {
  expect(stretchesOf(heat([50, 3]), 100)).toEqual([{ fromS: 0, untilS: 100, viewers: 3 }]);
});

test("where people stop begins another", () => {
  expect(stretchesOf(heat([25, 3], [24, 1], [1, 0]), 100)).toEqual([
    { fromS: 0, untilS: 50, viewers: 3 },
    { fromS: 50, untilS: 98, viewers: 1 },
    { fromS: 98, untilS: 100, viewers: 0 },
  ]);
});
