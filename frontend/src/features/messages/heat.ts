/** The heat strip's numbers in a form that can be read out. */

export interface Stretch {
  fromS: number;
  untilS: number;
  viewers: number;
}

/** Neighbours that as many watched, put together: few rows say all that fifty would. */
export function stretchesOf(heat: readonly number[], durationS: number): Stretch[] {
  const lengthS = durationS / heat.length;
  const stretches: Stretch[] = [];
  for (const [place, viewers] of heat.entries()) {
    const last = stretches.at(-1);
    const untilS = (place + 1) * lengthS;
    if (last?.viewers === viewers) last.untilS = untilS;
    else stretches.push({ fromS: place * lengthS, untilS, viewers });
  }
  return stretches;
}
