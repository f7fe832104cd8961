/** What the month has cost so far, day by day, added up. */

import { useLanguage } from "../../i18n";
import type { Costs } from "../../lib/api";

const WIDTH = 300;
const HEIGHT = 80;

export function CostCurve({ days }: { days: Costs["days"] }) {
  const { t, format } = useLanguage();
  if (days.length < 2) return null;
  const sums = addedUp(days.map((day) => day.usd_micro));
  const highest = Math.max(sums.at(-1) ?? 0, 1);
  const points = sums
    .map(
      (sum, place) => `${(place / (sums.length - 1)) * WIDTH},${HEIGHT - (sum / highest) * HEIGHT}`,
    )
    .join(" ");
  return (
    <svg
      role="img"
      aria-label={t.power.curve(format.usd(highest))}
      viewBox={`-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`}
      className="mt-5 w-full text-mark"
    >
      <polyline points={points} fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}

/** Each with all before it. */
export function addedUp(values: readonly number[]): number[] {
  let sum = 0;
  return values.map((value) => {
    sum += value;
    return sum;
  });
}
