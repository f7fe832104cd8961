/** What a preview shows at a moment: pure, from the same timeline that the video is drawn from. */

import type { Preview } from "../../../lib/api";

export type Segment = Preview["segments"][number];

/** The segment that is seen at `timeS`; the last one stays. */
export function segmentAt(preview: Preview, timeS: number): Segment | undefined {
  const frame = Math.floor(timeS * preview.frame_rate);
  return (
    preview.segments.find(({ start_frame, frame_count }) => frame < start_frame + frame_count) ??
    preview.segments.at(-1)
  );
}

/** The zoom of a segment's picture: at rest at both ends, deepest in the middle. */
export function zoomAt(segment: Segment, frameRate: number, timeS: number): number {
  const frame = Math.min(Math.max(timeS * frameRate - segment.start_frame, 0), segment.frame_count);
  const turned = (2 * Math.PI * frame) / segment.frame_count;
  return 1 + (segment.depth * (1 - Math.cos(turned))) / 2;
}

/** The caption that is read at `timeS`. */
export const cueAt = (preview: Preview, timeS: number): string =>
  preview.cues.find(({ start_s, end_s }) => timeS >= start_s && timeS < end_s)?.text ?? "";

const LEVEL_HZ = 100;
const QUIET_DB = -48;
const LOUD_DB = -14;
const RELEASE = 0.06;

/** How loud a sound is, 0..1, a hundred times a second: as the video's waveform measures it. */
export function levelsOf(samples: Float32Array, rateHz: number): Float32Array {
  const hop = Math.floor(rateHz / LEVEL_HZ);
  const levels = new Float32Array(Math.ceil(samples.length / hop));
  let last = 0;
  for (let at = 0; at < levels.length; at += 1) {
    const piece = samples.subarray(at * hop, (at + 1) * hop);
    const power = piece.reduce((sum, sample) => sum + sample * sample, 0) / piece.length;
    const decibels = power > 0 ? 10 * Math.log10(power) : Number.NEGATIVE_INFINITY;
    const level = Math.min(Math.max((decibels - QUIET_DB) / (LOUD_DB - QUIET_DB), 0), 1);
    last = Math.max(level, last - RELEASE);
    levels[at] = last;
  }
  return levels;
}

export const levelAt = (levels: Float32Array | undefined, timeS: number): number =>
  levels?.[Math.floor(timeS * LEVEL_HZ)] ?? 0;
