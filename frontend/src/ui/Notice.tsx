/** Boxed words: something to know, to mind, or to mend. */

import type { ReactNode } from "react";
import { useText } from "../i18n";
import { asProblem, problemWords, type Words } from "../lib/problems";
import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";

type Tone = "info" | "good" | "warn" | "bad";

const tones: Record<Tone, { box: string; icon: IconName; mark: string }> = {
  info: { box: "bg-sunk", icon: "info", mark: "text-quiet" },
  good: { box: "bg-good-tint", icon: "check", mark: "text-good" },
  warn: { box: "bg-warn-tint", icon: "alert", mark: "text-warn" },
  bad: { box: "bg-bad-tint", icon: "alert", mark: "text-bad" },
};

interface NoticeProps {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
  /** Read out at once, for what has just gone wrong. */
  isAlert?: boolean;
}

export function Notice({ tone = "info", title, children, isAlert }: NoticeProps) {
  const { box, icon, mark } = tones[tone];
  return (
    <div role={isAlert ? "alert" : undefined} className={`flex gap-3 rounded-2xl p-4 ${box}`}>
      <Icon name={icon} className={`mt-0.5 size-5 ${mark}`} />
      <div className="min-w-0 flex-1">
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className="text-ink">{children}</div>}
      </div>
    </div>
  );
}

/** A problem that belongs to no single field. */
export function WordsNotice({ words }: { words: Words | null | undefined }) {
  return (
    <div aria-live="assertive" className="empty:contents">
      {words && (
        <Notice tone="bad" title={words.what}>
          {words.fix}
        </Notice>
      )}
    </div>
  );
}

/** What stands in place of a page's content that could not be loaded. */
export function LoadProblem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const t = useText();
  const problem = asProblem(error);
  const words = problemWords(t, problem);
  return (
    <div
      className="mx-auto flex max-w-md flex-col items-center gap-3 py-14 text-center"
      role="alert"
    >
      <span className="grid size-16 place-items-center rounded-full bg-bad-tint text-bad">
        <Icon name="alert" className="size-8" />
      </span>
      <p className="font-bold text-lg">{words.what}</p>
      <p className="text-quiet">{words.fix}</p>
      {problem.traceId && <p className="text-quiet text-sm">{t.common.traceId(problem.traceId)}</p>}
      <Button className="mt-2" onClick={onRetry}>
        {t.common.tryAgain}
      </Button>
    </div>
  );
}
