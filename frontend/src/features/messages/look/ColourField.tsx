/** A colour in place of photos. */

import { useId } from "react";
import { useText } from "../../../i18n";
import type { Words } from "../../../lib/problems";
import { Button } from "../../../ui/Button";
import { FieldProblem } from "../../../ui/Field";
import { shapeOf } from "../Scene";

/** What a message begins with that has no photo: white letters stand out from it. */
export const FIRST_COLOUR = "#33475b";

interface ColourFieldProps {
  value: string;
  aspect: string;
  problem: Words | undefined;
  onColour: (colour: string | null) => void;
}

export function ColourField({ value, aspect, problem, onColour }: ColourFieldProps) {
  const t = useText();
  const id = useId();
  return (
    <fieldset aria-describedby={`${id}-problem`} aria-invalid={Boolean(problem)}>
      <legend className="mb-1.5 font-semibold">{t.look.colour}</legend>
      <input
        type="color"
        aria-label={t.look.colour}
        value={value}
        onChange={(event) => onColour(event.target.value)}
        className="mx-auto block max-h-80 w-full max-w-full cursor-pointer rounded-2xl border border-edge bg-card p-1"
        style={{ aspectRatio: shapeOf(aspect) }}
      />
      <div className="mt-2.5 flex justify-center">
        <Button icon="photo" onClick={() => onColour(null)}>
          {t.look.usePhoto}
        </Button>
      </div>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </fieldset>
  );
}
