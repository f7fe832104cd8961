/** Which parts of the video were watched, as a strip below it and as a table. */

import { useLanguage } from "../../i18n";
import { stretchesOf } from "./heat";

const HEIGHT = 40;
const GAP = 0.15;

interface HeatStripProps {
  heat: readonly number[];
  viewers: number;
  durationS: number;
}

export function HeatStrip({ heat, viewers, durationS }: HeatStripProps) {
  const { t, format } = useLanguage();
  return (
    <section className="grid gap-2">
      <h3 className="font-semibold">{t.audience.heat}</h3>
      <svg
        aria-hidden="true"
        viewBox={`0 0 ${heat.length} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-14 w-full text-mark"
      >
        <rect width={heat.length} height={HEIGHT} rx="0.5" className="fill-sunk" />
        {heat.map((count, place) => (
          <Bar key={place} place={place} share={count / Math.max(viewers, 1)} />
        ))}
      </svg>
      <p aria-hidden="true" className="flex justify-between text-quiet text-sm">
        <span>{format.clock(0)}</span>
        <span>{format.clock(durationS)}</span>
      </p>
      <details className="text-sm">
        <summary className="min-h-9 font-semibold text-mark">{t.audience.asTable}</summary>
        <HeatTable heat={heat} durationS={durationS} />
      </details>
    </section>
  );
}

function Bar({ place, share }: { place: number; share: number }) {
  const height = HEIGHT * share;
  return (
    <rect
      x={place + GAP / 2}
      y={HEIGHT - height}
      width={1 - GAP}
      height={height}
      fill="currentColor"
    />
  );
}

function HeatTable({ heat, durationS }: Omit<HeatStripProps, "viewers">) {
  const { t, format } = useLanguage();
  return (
    <table className="w-full text-start">
      <caption className="sr-only">{t.audience.heat}</caption>
      <thead>
        <tr className="text-quiet">
          <th scope="col" className="py-1 text-start font-normal">
            {t.audience.part}
          </th>
          <th scope="col" className="py-1 text-end font-normal">
            {t.audience.viewers}
          </th>
        </tr>
      </thead>
      <tbody>
        {stretchesOf(heat, durationS).map(({ fromS, untilS, viewers }) => (
          <tr key={fromS} className="border-line border-t">
            <th scope="row" className="py-1 text-start font-normal">
              {t.audience.fromTo(seconds(fromS), seconds(untilS))}
            </th>
            <td className="py-1 text-end">{format.integer(viewers)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );

  /** Tenths: a stretch of a short video is shorter than a second. */
  function seconds(value: number): string {
    const whole = Math.floor(value);
    const tenth = Math.floor((value - whole) * 10 + 1e-6);
    return `${format.clock(whole)}.${tenth}`;
  }
}
