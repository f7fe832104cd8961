/** Which stretch of a recording is kept. Pure: seconds in, seconds out. */

export interface Trim {
  startS: number;
  endS: number;
}

export type TrimEdge = "start" | "end";

/** What is left is never shorter. */
export const SHORTEST_S = 1;
export const FINE_STEP_S = 0.1;
export const COARSE_STEP_S = 1;

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

/** The whole of a recording; its end may lie between two tenths. */
export const wholeOf = (durationS: number): Trim => ({ startS: 0, endS: durationS });

/** Move one edge to `toS`; it stops before the other edge and at the ends. */
export function moveEdge(trim: Trim, edge: TrimEdge, toS: number, durationS: number): Trim {
  const shortest = Math.min(SHORTEST_S, durationS);
  if (edge === "start") {
    const latest = Math.max(0, trim.endS - shortest);
    return { ...trim, startS: Math.max(0, Math.min(tenths(toS), latest)) };
  }
  const earliest = Math.min(durationS, trim.startS + shortest);
  // The last tenth is rarely a whole one: whoever moves to the end means the end.
  const wanted = toS > durationS - FINE_STEP_S ? durationS : tenths(toS);
  return { ...trim, endS: Math.min(durationS, Math.max(wanted, earliest)) };
}

/** The trim once the recording turns out to be of another length than was thought. */
export function fitTrim(trim: Trim, wasS: number, isS: number): Trim {
  const reachedEnd = trim.endS >= wasS - FINE_STEP_S / 2;
  const endS = reachedEnd ? isS : Math.min(trim.endS, isS);
  const startS = Math.max(0, Math.min(trim.startS, endS - Math.min(SHORTEST_S, isS)));
  return { startS, endS };
}

/** Whether something is cut off at all. */
export const isTrimmed = (trim: Trim, durationS: number): boolean =>
  trim.startS > 0 || trim.endS < durationS - FINE_STEP_S / 2;

/** How far a key moves an edge, or null where the slider's own step or the browser decides. */
export function stepOf(pressed: { key: string; shiftKey: boolean }): number | null {
  const step = pressed.shiftKey ? COARSE_STEP_S : FINE_STEP_S;
  if (pressed.key === "ArrowRight" || pressed.key === "ArrowUp") return step;
  if (pressed.key === "ArrowLeft" || pressed.key === "ArrowDown") return -step;
  if (pressed.key === "PageUp") return COARSE_STEP_S;
  if (pressed.key === "PageDown") return -COARSE_STEP_S;
  return null;
}
