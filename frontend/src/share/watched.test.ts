import { describe, expect, test } from "vitest";
import { SEGMENTS, segmentsBetween, watchedSegments } from "./watched";

describe("watchedSegments", () => {
  test("playing through watches everything, each part told once", () => {
    const watched = watchedSegments();
    for (let timeS = 0; timeS <= 100; timeS += 0.25) watched.playedTo(timeS, 100, 1);
    expect(watched.takeNew()).toEqual(Array.from({ length: SEGMENTS }, (_, index) => index));
    watched.playedTo(100, 100, 1);
    expect(watched.takeNew()).toEqual([]);
  });

  test("a short message has no gaps between two looks", () => {
    const watched = watchedSegments();
    watched.playedTo(0, 5, 1);
    watched.playedTo(0.5, 5, 1);
    expect(watched.takeNew()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("what was jumped over was not watched", () => {
    const watched = watchedSegments();
    watched.playedTo(0, 100, 1);
    watched.jumped();
    watched.playedTo(90, 100, 1);
    watched.playedTo(90.2, 100, 1);
    expect(watched.takeNew()).toEqual([0, 45]);
  });

  test("a leap that nobody announced is a jump, too", () => {
    const watched = watchedSegments();
    watched.playedTo(0, 100, 1);
    watched.playedTo(60, 100, 1);
    watched.playedTo(20, 100, 1);
    expect(watched.takeNew()).toEqual([0]);
  });

  test("twice the speed takes steps twice as long", () => {
    const watched = watchedSegments();
    watched.playedTo(10, 100, 2);
    watched.playedTo(12.5, 100, 2);
    expect(watched.takeNew()).toEqual([5, 6]);
  });

  test("what did not reach the server is told again", () => {
    const watched = watchedSegments();
    watched.playedTo(1, 100, 1);
    watched.giveBack(watched.takeNew());
    watched.playedTo(2, 100, 1);
    expect(watched.takeNew()).toEqual([0, 1]);
  });
});

test.each([
  ["the very end belongs to the last", 99, 100, 100, [49]],
  ["past the end as well", 100, 101, 100, [49]],
  ["an unknown length has none", 1, 2, Number.NaN, []],
  ["nor has an endless one", 1, 2, Number.POSITIVE_INFINITY, []],
])("%s", (_name, fromS, toS, durationS, segments) => {
  expect(segmentsBetween(fromS, toS, durationS)).toEqual(segments);
});
