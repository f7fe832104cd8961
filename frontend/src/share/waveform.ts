/** The shape of the sound, behind the seek bar. Fetched when the video plays; loaded with it. */

import { drawing } from "../player/elements";

const HEIGHT = 24;

/** Draw the peaks at `url` into `place`; without them the bar looks as it did. */
export async function drawWaveform(place: HTMLElement, url: string): Promise<void> {
  try {
    const answer = await fetch(url);
    const told = answer.ok ? ((await answer.json()) as { peaks?: unknown }) : {};
    const peaks = Array.isArray(told.peaks) ? told.peaks.map(Number) : [];
    if (peaks.length > 0) place.replaceChildren(bars(peaks));
  } catch {
    // An ornament: nothing is said about its absence.
  }
}

/** One bar a peak, as wide as the place, mirrored about its middle. */
export function bars(peaks: readonly number[]): SVGSVGElement {
  const shape = peaks.map((peak, index) => {
    const half = Math.max(0.5, Math.min(1, peak || 0) * (HEIGHT / 2));
    return `M${index + 0.15} ${round(HEIGHT / 2 - half)}h.7v${round(half * 2)}h-.7z`;
  });
  const svg = drawing(shape.join(""));
  svg.setAttribute("viewBox", `0 0 ${peaks.length} ${HEIGHT}`);
  svg.setAttribute("preserveAspectRatio", "none");
  return svg;
}

const round = (value: number): number => Math.round(value * 100) / 100;
