/** Which parts of a message were really played, in fiftieths of its length. */

/** The backend counts in the same fiftieths: its heat strip has as many fields. */
export const SEGMENTS = 50;

/** The part of `TimeRanges` that is read: what the browser itself says it has played. */
export type Played = Pick<TimeRanges, "length" | "start" | "end">;

export interface WatchedSegments {
  /** These stretches were played, of a video of `durationS`. What was jumped over is not in them. */
  add(played: Played, durationS: number): void;
  /** The segments watched since the last call, ascending, each told once. */
  takeNew(): number[];
  /** Take back segments that did not reach the server. */
  giveBack(segments: readonly number[]): void;
}

/** Nothing watched yet. */
export function watchedSegments(): WatchedSegments {
  const seen = new Set<number>();
  const fresh = new Set<number>();
  return {
    add(played, durationS) {
      for (let range = 0; range < played.length; range += 1) {
        for (const segment of segmentsOf(played.start(range), played.end(range), durationS)) {
          if (!seen.has(segment)) fresh.add(segment);
          seen.add(segment);
        }
      }
    },
    takeNew() {
      const taken = [...fresh].sort((one, other) => one - other);
      fresh.clear();
      return taken;
    },
    giveBack: (segments) => {
      for (const segment of segments) fresh.add(segment);
    },
  };
}

/** The segments that touch `fromS`..`toS` of a video of `durationS`; none where the length is unknown. */
export function segmentsOf(fromS: number, toS: number, durationS: number): number[] {
  if (!(durationS > 0) || !Number.isFinite(durationS) || !(toS > fromS)) return [];
  const of = (timeS: number): number =>
    Math.max(0, Math.min(SEGMENTS - 1, Math.floor((timeS / durationS) * SEGMENTS)));
  const first = of(fromS);
  return Array.from({ length: of(toS) - first + 1 }, (_, index) => first + index);
}
