import { describe, expect, test } from "vitest";
import type { Preview } from "../../../lib/api";
import { cueAt, levelAt, levelsOf, segmentAt, zoomAt } from "./stage";

const part = (start_frame: number, frame_count: number, picture: number) => ({
  start_frame,
  frame_count,
  picture,
  depth: 0.06,
  focus_x: 0.5,
  focus_y: 0.44,
  sound_url: `/sound/${start_frame}`,
  card: "",
});
const PREVIEW = {
  duration_s: 4,
  frame_rate: 25,
  segments: [part(0, 50, 0), part(50, 50, 1)],
  cues: [
    { start_s: 0.4, end_s: 1.5, text: "おはよう" },
    { start_s: 2.1, end_s: 3.2, text: "またね" },
  ],
} as Preview;

describe("a preview", () => {
  test("shows the segment of the moment, and the last one to the end", () => {
    expect(segmentAt(PREVIEW, 0)?.picture).toBe(0);
    expect(segmentAt(PREVIEW, 1.99)?.picture).toBe(0);
    expect(segmentAt(PREVIEW, 2)?.picture).toBe(1);
    expect(segmentAt(PREVIEW, 9)?.picture).toBe(1);
  });

  test("zooms as the video does: at rest at both ends, deepest in the middle", () => {
    const second = part(50, 50, 1);
    expect(zoomAt(second, 25, 2)).toBe(1);
    expect(zoomAt(second, 25, 3)).toBeCloseTo(1.06);
    expect(zoomAt(second, 25, 4)).toBeCloseTo(1);
    expect(zoomAt(second, 25, 7)).toBeCloseTo(1);
  });

  test("shows a caption from its first moment until its last", () => {
    expect(["0.39", "0.4", "1.49", "1.5", "2.2"].map((at) => cueAt(PREVIEW, Number(at)))).toEqual([
      "",
      "おはよう",
      "おはよう",
      "",
      "またね",
    ]);
  });

  test("measures loudness as the video's waveform does: up at once, down slowly", () => {
    const loud = Float32Array.from({ length: 2400 }, (_, at) => Math.sin(at / 3));
    const sound = new Float32Array(24_000);
    sound.set(loud);
    const levels = levelsOf(sound, 24_000);
    expect(levelAt(levels, 0.05)).toBe(1);
    expect(levelAt(levels, 0.15)).toBeGreaterThan(0.5);
    expect(levelAt(levels, 0.9)).toBe(0);
    expect(levelAt(undefined, 0)).toBe(0);
  });
});
