/** Which parts of a message were really played, in fiftieths of its length. */

/** The backend counts in the same fiftieths: its heat strip has as many fields. */
export const SEGMENTS = 50;
/** Two looks further apart than this, at normal speed, have a jump between them. */
const LONGEST_STEP_S = 1.5;

export interface WatchedSegments {
  /** The video stands at `timeS` and has played on to it, `rate` times as fast as recorded. */
  playedTo(timeS: number, durationS: number, rate: number): void;
  /** The video was moved: what lies between was not watched. */
  jumped(): void;
  /** The segments watched since the last call, ascending, each told once. */
  takeNew(): number[];
  /** Take back segments that did not reach the server. */
  giveBack(segments: readonly number[]): void;
}

/** Nothing watched yet. */
export function watchedSegments(): WatchedSegments {
  const seen = new Set<number>();
  const fresh = new Set<number>();
  let lastS: number | null = null;
  return {
    playedTo(timeS, durationS, rate) {
      const fromS = lastS ?? timeS;
      lastS = timeS;
      if (timeS < fromS || timeS - fromS > LONGEST_STEP_S * Math.max(rate, 1)) return;
      for (const segment of segmentsBetween(fromS, timeS, durationS)) {
        if (!seen.has(segment)) fresh.add(segment);
        seen.add(segment);
      }
    },
    jumped: () => {
      lastS = null;
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
export function segmentsBetween(fromS: number, toS: number, durationS: number): number[] {
  if (!(durationS > 0) || !Number.isFinite(durationS)) return [];
  const of = (timeS: number): number =>
    Math.max(0, Math.min(SEGMENTS - 1, Math.floor((timeS / durationS) * SEGMENTS)));
  const first = of(fromS);
  return Array.from({ length: of(toS) - first + 1 }, (_, index) => first + index);
}
