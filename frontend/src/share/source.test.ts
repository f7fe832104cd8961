import { describe, expect, test } from "vitest";
import { chooseSource, type Making, mayReplace } from "./source";

const making: Making = {
  phase: "processing",
  percent: 40,
  video_url: null,
  stream_url: "/s/token/stream",
  stream_type: "video/webm",
  duration_s: 12,
};
const yes = (): string => "probably";
const no = (): string => "";

describe("chooseSource", () => {
  test("a message that is still being made plays its stream", () => {
    expect(chooseSource(making, yes, false)).toEqual({ kind: "stream", url: "/s/token/stream" });
  });

  test("the finished video comes before the stream", () => {
    const ready = { ...making, video_url: "/s/token/video.mp4" };
    expect(chooseSource(ready, yes, false)).toEqual({ kind: "video", url: "/s/token/video.mp4" });
  });

  test.each([
    ["a browser that cannot play the stream", making, no, false],
    ["one whose promise to play it did not hold", making, yes, true],
    ["a message without a stream", { ...making, stream_url: null }, yes, false],
    ["a stream of an unknown type", { ...making, stream_type: null }, yes, false],
  ])("%s waits", (_name, held, canPlay, isStreamBroken) => {
    expect(chooseSource(held, canPlay, isStreamBroken)).toBeNull();
  });
});

test.each([
  ["fresh", true],
  ["ended", true],
  ["failed", true],
  ["playing", false],
  ["paused", false],
  [undefined, false],
])("under a player that is %s the source may change: %s", (state, may) => {
  expect(mayReplace(state)).toBe(may);
});
