import { useText } from "../i18n";
import type { Words } from "../lib/problems";
import { Field } from "./Field";

/** What the product speaks; the server has the last word. */
export const SPOKEN_LANGUAGES = ["ja", "en", "zh", "ko", "es", "fr"] as const;

interface LanguageFieldProps {
  value: string;
  problem: Words | undefined;
  onValue: (language: string) => void;
}

export function LanguageField({ value, problem, onValue }: LanguageFieldProps) {
  const t = useText();
  const known: readonly string[] = SPOKEN_LANGUAGES;
  const offered = known.includes(value) ? known : [...known, value];
  return (
    <Field label={t.compose.language} problem={problem}>
      {(control) => (
        <select
          {...control}
          value={value}
          onChange={(event) => onValue(event.target.value)}
          className="min-h-12 w-full rounded-xl border border-edge bg-card px-3 aria-invalid:border-2 aria-invalid:border-bad sm:max-w-72"
        >
          {offered.map((code) => (
            <option key={code} value={code}>
              {t.languages[code] ?? code}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
