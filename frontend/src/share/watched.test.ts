import { describe, expect, test } from "vitest";
import { type Played, SEGMENTS, segmentsOf, watchedSegments } from "./watched";

/** What the browser tells as `video.played`. */
const played = (...ranges: [number, number][]): Played => ({
  length: ranges.length,
  start: (index) => ranges[index]?.[0] ?? 0,
  end: (index) => ranges[index]?.[1] ?? 0,
});

describe("watchedSegments", () => {
  test("playing through watches everything, each part told once", () => {
    const watched = watchedSegments();
    watched.add(played([0, 30]), 100);
    watched.add(played([0, 100]), 100);
    expect(watched.takeNew()).toEqual(Array.from({ length: SEGMENTS }, (_, index) => index));
    watched.add(played([0, 100]), 100);
    expect(watched.takeNew()).toEqual([]);
  });

  test("a look that comes late misses nothing", () => {
    const watched = watchedSegments();
    watched.add(played([0, 0.1]), 5);
    watched.add(played([0, 4.95]), 5);
    expect(watched.takeNew()).toHaveLength(SEGMENTS);
  });

  test("what was jumped over was not watched", () => {
    const watched = watchedSegments();
    watched.add(played([0, 1], [90, 92.5]), 100);
    expect(watched.takeNew()).toEqual([0, 45, 46]);
  });

  test("what did not reach the server is told again", () => {
    const watched = watchedSegments();
    watched.add(played([0, 1]), 100);
    watched.giveBack(watched.takeNew());
    watched.add(played([0, 3]), 100);
    expect(watched.takeNew()).toEqual([0, 1]);
  });
});

test.each([
  ["the very end belongs to the last", 99, 100, 100, [49]],
  ["past the end as well", 99.5, 101, 100, [49]],
  ["a place where nothing was played is none", 50, 50, 100, []],
  ["an unknown length has none", 1, 2, Number.NaN, []],
  ["nor has an endless one", 1, 2, Number.POSITIVE_INFINITY, []],
])("%s", (_name, fromS, toS, durationS, segments) => {
  expect(segmentsOf(fromS, toS, durationS)).toEqual(segments);
});
