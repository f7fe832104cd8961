/** The video's format, by pictures of its shape. */

import { useId } from "react";
import { useText } from "../../i18n";
import type { Words } from "../../lib/problems";
import { FieldProblem } from "../../ui/Field";

const SHAPES = [
  ["16:9", "h-[22px] w-[39px]"],
  ["9:16", "h-[39px] w-[22px]"],
  ["1:1", "h-[31px] w-[31px]"],
] as const;

interface AspectFieldProps {
  value: string;
  problem: Words | undefined;
  onValue: (aspect: string) => void;
}

export function AspectField({ value, problem, onValue }: AspectFieldProps) {
  const t = useText();
  const id = useId();
  return (
    <fieldset aria-describedby={`${id}-problem`}>
      <legend className="mb-1.5 font-semibold">{t.compose.aspect}</legend>
      <div className="grid grid-cols-3 gap-2.5">
        {SHAPES.map(([aspect, shape]) => (
          <label
            key={aspect}
            className="flex flex-col items-center gap-2 rounded-xl border border-edge bg-card px-2 py-3 text-center has-checked:border-mark has-checked:bg-tint has-checked:ring-1 has-checked:ring-mark has-focus-visible:outline-3 has-focus-visible:outline-mark has-focus-visible:outline-offset-2"
          >
            <input
              type="radio"
              name={id}
              value={aspect}
              checked={value === aspect}
              onChange={() => onValue(aspect)}
              className="sr-only"
            />
            <span className="grid h-10 place-items-center" aria-hidden="true">
              <span
                className={`block rounded-[4px] border-2 ${shape} ${value === aspect ? "border-mark bg-mark/20" : "border-edge"}`}
              />
            </span>
            <span>
              <span className="block font-semibold text-sm leading-tight">
                {t.compose.aspects[aspect]?.name}
              </span>
              <span className="block text-quiet text-xs">{t.compose.aspects[aspect]?.hint}</span>
            </span>
          </label>
        ))}
      </div>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </fieldset>
  );
}
