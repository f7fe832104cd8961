/** A setting of a sentence, as a slider that says its value. */

import { useId } from "react";
import { useText } from "../../../i18n";
import type { Catalogue } from "../../../i18n/en";
import { CONTROLS, type Control, USUAL_PAUSE_S } from "./delivery";

interface SliderProps {
  control: Control;
  value: number | null;
  onValue: (value: number) => void;
}

export function Slider({ control, value, onValue }: SliderProps) {
  const t = useText();
  const id = useId();
  const told = toldOf(t, control, value);
  return (
    <div>
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <label htmlFor={id}>{t.sentences.controls[control]}</label>
        <span aria-hidden="true" className="text-quiet tabular-nums">
          {told}
        </span>
      </div>
      <input
        id={id}
        type="range"
        {...CONTROLS[control]}
        value={value ?? USUAL_PAUSE_S}
        aria-valuetext={told}
        onChange={(event) => onValue(Number(event.target.value))}
        className="h-11 w-full accent-mark"
      />
    </div>
  );
}

/** A setting in words. */
export function toldOf(t: Catalogue, control: Control, value: number | null): string {
  if (value === null) return t.sentences.usualPause;
  if (control === "pitch") return t.sentences.semitones(value);
  if (control === "pause_after_s") return t.sentences.seconds(value.toFixed(1));
  return t.sentences.percent(Math.round(value * 100));
}
