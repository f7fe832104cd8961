/** Named ways of saying a sentence, to begin with. */

import { useId } from "react";
import { useText } from "../../../i18n";
import type { Delivery, Manner } from "./delivery";
import { PRESETS, type PresetName } from "./presets";

const NAMES = Object.keys(PRESETS) as PresetName[];

interface PresetChoiceProps {
  delivery: Delivery;
  onPreset: (manner: Manner) => void;
}

export function PresetChoice({ delivery, onPreset }: PresetChoiceProps) {
  const t = useText();
  const id = useId();
  return (
    <div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's legend can't be described */}
      <div
        role="group"
        aria-label={t.presets.title}
        aria-describedby={id}
        className="flex flex-wrap gap-2"
      >
        {NAMES.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={isSaidSo(delivery, PRESETS[name])}
            onClick={() => onPreset(PRESETS[name])}
            className="min-h-11 rounded-full border border-edge bg-card px-4 font-semibold text-sm hover:bg-tint aria-pressed:border-mark aria-pressed:bg-tint aria-pressed:ring-1 aria-pressed:ring-mark"
          >
            {t.presets.names[name]}
          </button>
        ))}
      </div>
      <p id={id} className="mt-2 text-quiet text-sm">
        {t.presets.honest}
      </p>
    </div>
  );
}

const isSaidSo = (delivery: Delivery, manner: Manner): boolean =>
  (Object.keys(manner) as (keyof Manner)[]).every((part) => delivery[part] === manner[part]);
