/** What a key may do: told in a line, and chosen by whoever opens it. */

import { useId } from "react";
import { useLanguage } from "../../i18n";
import type { Scope } from "../../lib/api";
import type { Words } from "../../lib/problems";
import { FieldProblem } from "../../ui/Field";

export const DEFAULT_SCOPES: readonly Scope[] = ["speech", "voices"];

interface ScopesFieldProps {
  value: readonly Scope[];
  problem: Words | null | undefined;
  onValue: (scopes: Scope[]) => void;
}

export function ScopesField({ value, problem, onValue }: ScopesFieldProps) {
  const { t } = useLanguage();
  const problemId = useId();
  const all = Object.keys(t.apiKeys.scopes) as Scope[];
  const toggle = (scope: Scope) =>
    onValue(all.filter((each) => value.includes(each) !== (each === scope)));
  return (
    <div>
      <details className="rounded-2xl border border-line">
        <summary className="min-h-11 rounded-2xl px-4 py-2.5">
          <span className="font-semibold">{t.apiKeys.may}</span>{" "}
          <span className="text-quiet">
            {t.apiKeys.mayOf(value.map((scope) => t.apiKeys.scopes[scope]))}
          </span>
        </summary>
        <fieldset className="px-4 pb-3" aria-describedby={problemId}>
          <legend className="sr-only">{t.apiKeys.may}</legend>
          {all.map((scope) => (
            <label key={scope} className="flex min-h-11 items-center gap-3">
              <input
                type="checkbox"
                checked={value.includes(scope)}
                onChange={() => toggle(scope)}
                className="size-5 shrink-0 accent-mark"
              />
              <span className="flex flex-1 flex-wrap justify-between gap-x-3 py-1">
                {t.apiKeys.scopes[scope]}{" "}
                <code translate="no" className="text-quiet text-sm">
                  {scope}
                </code>
              </span>
            </label>
          ))}
        </fieldset>
      </details>
      <FieldProblem id={problemId} problem={problem} />
    </div>
  );
}
