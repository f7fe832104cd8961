/** The occasion, by its colours. */

import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useLanguage } from "../../../i18n";
import type { Theme } from "../../../lib/api";
import type { Words } from "../../../lib/problems";
import { FieldProblem } from "../../../ui/Field";
import { themesQuery } from "./theme";

interface ThemeFieldProps {
  value: string | null;
  problem: Words | undefined;
  onTheme: (before: Theme | null, theme: Theme | null) => void;
}

export function ThemeField({ value, problem, onTheme }: ThemeFieldProps) {
  const { t, locale } = useLanguage();
  const id = useId();
  const themes = useQuery(themesQuery).data?.items ?? [];
  const before = themes.find((theme) => theme.id === value) ?? null;
  return (
    <fieldset aria-describedby={`${id}-hint ${id}-problem`} aria-invalid={Boolean(problem)}>
      <legend className="mb-1.5 font-semibold">{t.look.theme}</legend>
      <div className="flex flex-wrap gap-2">
        {[null, ...themes].map((theme) => (
          <label
            key={theme?.id ?? ""}
            className="flex min-h-11 items-center gap-2.5 rounded-full border border-edge bg-card py-1.5 ps-2 pe-4 text-sm has-checked:border-mark has-checked:bg-tint has-checked:ring-1 has-checked:ring-mark has-focus-visible:outline-3 has-focus-visible:outline-mark has-focus-visible:outline-offset-2"
          >
            <input
              type="radio"
              name={id}
              checked={value === (theme?.id ?? null)}
              onChange={() => onTheme(before, theme)}
              className="sr-only"
            />
            <Swatch theme={theme} />
            {theme ? theme.name[locale] : t.look.noTheme}
          </label>
        ))}
      </div>
      <p id={`${id}-hint`} className="mt-1.5 text-quiet text-sm">
        {t.look.themeHint}
      </p>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </fieldset>
  );
}

function Swatch({ theme }: { theme: Theme | null }) {
  if (!theme) {
    return <span aria-hidden="true" className="size-6 rounded-full border-2 border-edge" />;
  }
  return (
    <span
      aria-hidden="true"
      className="grid size-6 place-items-center rounded-full"
      style={{ background: theme.shade }}
    >
      <span className="size-2.5 rounded-full" style={{ background: theme.accent }} />
    </span>
  );
}
