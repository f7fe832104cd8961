/** A template's text: placeholders as chips, and what is wrong with one at its place. */

import { useText } from "../../i18n";
import type { Catalogue } from "../../i18n/en";
import type { TemplateProblem } from "../../lib/api";
import { piecesOf } from "../../lib/placeholders";
import { Icon } from "../../ui/Icon";

interface TemplateTextProps {
  text: string;
  language: string;
  problems: readonly TemplateProblem[];
}

export function TemplateText({ text, language, problems }: TemplateTextProps) {
  const wrong = new Set(problems.map((problem) => problem.at));
  return (
    <p lang={language} className="whitespace-pre-wrap break-words text-lg leading-relaxed">
      {piecesOf(text).map((piece) =>
        piece.isPlaceholder ? (
          <span
            key={piece.at}
            translate="no"
            className={`rounded-lg px-1.5 py-0.5 font-medium text-base ${wrong.has(piece.at) ? "bg-bad-tint text-bad outline-2 outline-bad" : "bg-tint text-mark"}`}
          >
            {piece.text}
          </span>
        ) : (
          <span key={piece.at}>{piece.text}</span>
        ),
      )}
    </p>
  );
}

/** A problem in the reader's words: where, what, and the name that was probably meant. */
export function templateWords(t: Catalogue, problem: TemplateProblem): string {
  const words = t.campaigns.template.problems[problem.code];
  const field = t.campaigns.template.fields[problem.field] ?? problem.field;
  const fix = problem.nearest ? t.campaigns.template.meant(problem.nearest) : words?.fix;
  const what = words ? `${words.what} ${fix}` : problem.detail;
  return `${t.campaigns.template.atPlace(field, String(problem.at))} ${what}`;
}

export function TemplateProblems({ problems }: { problems: readonly TemplateProblem[] }) {
  const t = useText();
  return (
    <ul className="grid gap-2 empty:hidden">
      {problems.map((problem) => (
        <li key={`${problem.field}${problem.at}`} className="flex gap-2 text-bad text-sm">
          <Icon name="alert" className="mt-0.5 size-4" />
          {templateWords(t, problem)}
        </li>
      ))}
    </ul>
  );
}
