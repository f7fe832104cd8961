/** What was changed here and elsewhere: both are shown, and one of them is chosen. */

import { useId } from "react";
import { useText } from "../../i18n";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import type { DraftContent } from "./draft";
import type { DraftField } from "./sides";
import type { Draft } from "./useDraft";

/** Fields whose values are words that can be read. */
const TEXTS: readonly DraftField[] = ["title", "script", "title_card", "closing_card"];
const PLACE = "draft-conflict";

/** Bring the choice before the eyes, and the focus to it. */
export function goToConflicts(): void {
  const place = document.getElementById(PLACE);
  place?.focus({ preventScroll: true });
  place?.scrollIntoView({ block: "center" });
}

export function DraftConflict({ draft }: { draft: Draft }) {
  const t = useText();
  const { conflicts, theirs, content } = draft;
  const choose = (field: DraftField, side: "mine" | "theirs") => {
    // The pressed button is about to go: what is left of the notice, or its place, has the focus.
    document.getElementById(PLACE)?.focus();
    draft.choose(field, side);
  };
  return (
    <div id={PLACE} role="status" tabIndex={-1} className="rounded-2xl empty:absolute">
      {conflicts.length > 0 && (
        <Notice tone="warn" title={t.draft.conflict}>
          <p>{t.draft.conflictText}</p>
          <ul className="mt-3 grid gap-4">
            {conflicts.map((field) => (
              <Disputed
                key={field}
                field={field}
                theirs={theirs}
                language={content.language}
                onChoose={(side) => choose(field, side)}
              />
            ))}
          </ul>
        </Notice>
      )}
    </div>
  );
}

interface DisputedProps {
  field: DraftField;
  theirs: DraftContent;
  language: string;
  onChoose: (side: "mine" | "theirs") => void;
}

function Disputed({ field, theirs, language, onChoose }: DisputedProps) {
  const t = useText();
  const id = useId();
  const name = t.draft.fields[field] ?? t.draft.otherField;
  const sides = { mine: t.draft.keepMine, theirs: t.draft.takeTheirs };
  return (
    <li>
      <p className="font-semibold">{name}</p>
      {TEXTS.includes(field) ? (
        <>
          <p id={id} className="text-sm">
            {t.draft.theirs}
          </p>
          <blockquote
            aria-labelledby={id}
            lang={language}
            dir="auto"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: long words scroll, by keyboard too
            tabIndex={0}
            className="mt-1 max-h-48 overflow-y-auto whitespace-pre-wrap break-words rounded-xl bg-card p-3"
          >
            {String(theirs[field]) || t.draft.theirsEmpty}
          </blockquote>
        </>
      ) : (
        <p className="text-sm">{t.draft.theirsOther}</p>
      )}
      <div className="mt-2 flex flex-wrap gap-2">
        {(["mine", "theirs"] as const).map((side) => (
          <Button
            key={side}
            aria-label={t.draft.ofField(sides[side], name)}
            onClick={() => onChoose(side)}
          >
            {sides[side]}
          </Button>
        ))}
      </div>
    </li>
  );
}
