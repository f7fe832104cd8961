/** The words, how long they take when spoken, and whether they are in the chosen language. */

import { type ReactNode, useRef } from "react";
import { useLanguage } from "../i18n";
import { plainScript } from "../lib/markup";
import type { Words } from "../lib/problems";
import { charactersIn, otherLanguage, spokenLengthS } from "../lib/speech";
import { Field } from "./Field";
import { ScriptTools, useMarking } from "./ScriptTools";

export const SCRIPT_LIMIT = 5000;
/** The counter is only of interest when the limit comes near. */
const COUNT_FROM = 4000;

interface ScriptFieldProps {
  value: string;
  language: string;
  problem: Words | undefined;
  /** How long it will take until it is spoken and seen, where that is known. */
  making?: string | null;
  /** More that can be put into the script, by the given hand. */
  tools?: (insert: (text: string) => void) => ReactNode;
  onValue: (script: string) => void;
  onLanguage: (language: string) => void;
}

export function ScriptField(props: ScriptFieldProps) {
  const { value, language, problem, making, tools, onValue, onLanguage } = props;
  const { t, format } = useLanguage();
  const other = otherLanguage(value, language);
  const area = useRef<HTMLTextAreaElement>(null);
  const marking = useMarking(area, language);
  const said = plainScript(value);
  const length = charactersIn(value);
  const over = length - SCRIPT_LIMIT;
  return (
    <div>
      <Field
        label={t.compose.script}
        problem={problem}
        hint={
          <span
            className={`flex flex-wrap content-start justify-between gap-x-4 ${making === undefined ? "" : "min-h-[3lh] sm:min-h-[2lh] xl:min-h-[1lh]"}`}
          >
            <span className="flex flex-wrap gap-x-4">
              <span>
                {value.trim() &&
                  t.compose.scriptLength(
                    format.length(spokenLengthS(said.text, language) + said.pausesS),
                  )}
              </span>
              <span>{value.trim() && making}</span>
            </span>
            <span className={over > 0 ? "font-semibold text-bad" : ""}>
              {over > 0
                ? t.compose.scriptOver(format.integer(over))
                : length >= COUNT_FROM &&
                  t.compose.scriptCount(format.integer(length), format.integer(SCRIPT_LIMIT))}
            </span>
          </span>
        }
      >
        {(control) => (
          <textarea
            {...control}
            ref={area}
            lang={language}
            value={value}
            onKeyDown={marking.onKeyDown}
            placeholder={t.compose.scriptPlaceholder}
            onChange={(event) => onValue(event.target.value)}
            rows={6}
            className="field-sizing-content max-h-[60vh] min-h-40 w-full resize-y rounded-xl border border-edge bg-card px-4 py-3 text-lg leading-relaxed placeholder:text-quiet aria-invalid:border-2 aria-invalid:border-bad"
          />
        )}
      </Field>
      <ScriptTools marking={marking} />
      {tools?.(marking.insert)}
      <div aria-live="polite">
        {other && (
          <p className="mt-2 flex animate-appear flex-wrap items-center gap-x-3 text-sm">
            {t.compose.looksLike(t.languages[other] ?? other)}
            <button
              type="button"
              onClick={() => onLanguage(other)}
              className="min-h-9 font-semibold text-mark underline underline-offset-4"
            >
              {t.compose.switchTo(t.languages[other] ?? other)}
            </button>
          </p>
        )}
      </div>
    </div>
  );
}
