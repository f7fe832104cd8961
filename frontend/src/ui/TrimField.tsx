/** Two sliders that say which stretch of a recording is kept. */

import { type KeyboardEvent, useId } from "react";
import { useLanguage } from "../i18n";
import type { Words } from "../lib/problems";
import { FINE_STEP_S, isTrimmed, moveEdge, stepOf, type Trim, type TrimEdge } from "../lib/trim";
import { FieldProblem } from "./Field";

interface TrimFieldProps {
  value: Trim;
  durationS: number;
  /** With the place that the moved edge has now, so that it can be shown. */
  onValue: (trim: Trim, atS: number) => void;
  problem?: Words | undefined;
}

export function TrimField({ value, durationS, onValue, problem }: TrimFieldProps) {
  const { t, format } = useLanguage();
  const id = useId();
  const move = (edge: TrimEdge, toS: number) => {
    const moved = moveEdge(value, edge, toS, durationS);
    onValue(moved, edge === "start" ? moved.startS : moved.endS);
  };
  const share = (seconds: number) => `${durationS > 0 ? (100 * seconds) / durationS : 0}%`;
  return (
    <fieldset aria-describedby={`${id}-hint ${id}-problem`} aria-invalid={Boolean(problem)}>
      <legend className="mb-1.5 font-semibold">{t.studio.trim}</legend>
      <div aria-hidden="true" className="relative h-2.5 rounded-full bg-sunk">
        <div
          className="absolute inset-y-0 rounded-full bg-mark"
          style={{ left: share(value.startS), width: share(value.endS - value.startS) }}
        />
      </div>
      <div className="mt-3 grid gap-x-6 gap-y-3 sm:grid-cols-2">
        <Edge
          label={t.studio.trimStart}
          valueS={value.startS}
          durationS={durationS}
          onMove={(toS) => move("start", toS)}
        />
        <Edge
          label={t.studio.trimEnd}
          valueS={value.endS}
          durationS={durationS}
          onMove={(toS) => move("end", toS)}
        />
      </div>
      <p role="status" className="mt-1.5 text-sm empty:hidden">
        {isTrimmed(value, durationS) && t.studio.trimKept(format.length(value.endS - value.startS))}
      </p>
      <p id={`${id}-hint`} className="mt-1.5 hidden text-quiet text-sm pointer-fine:block">
        {t.studio.trimHint}
      </p>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </fieldset>
  );
}

interface EdgeProps {
  label: string;
  valueS: number;
  durationS: number;
  onMove: (toS: number) => void;
}

function Edge({ label, valueS, durationS, onMove }: EdgeProps) {
  const { t, format } = useLanguage();
  const pressed = (event: KeyboardEvent) => {
    const stepS = stepOf(event);
    if (stepS === null || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    onMove(valueS + stepS);
  };
  return (
    <label className="block">
      <span className="flex items-baseline justify-between text-sm">
        {label}
        <span aria-hidden="true" className="text-quiet tabular-nums">
          {format.tenths(valueS)}
        </span>
      </span>
      <input
        type="range"
        min={0}
        max={durationS}
        step={FINE_STEP_S}
        value={valueS}
        aria-label={label}
        aria-valuetext={t.studio.trimValue(format.tenths(valueS), format.tenths(durationS))}
        onKeyDown={pressed}
        onChange={(event) => onMove(Number(event.target.value))}
        className="h-11 w-full accent-mark"
      />
    </label>
  );
}
