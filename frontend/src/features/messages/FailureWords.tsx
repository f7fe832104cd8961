import { useText } from "../../i18n";
import type { Message } from "../../lib/api";
import { Problem, problemWords } from "../../lib/problems";

/** Why a video could not be made, and what to do. */
export function FailureWords({ failure }: { failure: NonNullable<Message["problem"]> }) {
  const t = useText();
  const words = problemWords(t, new Problem(failure.code, failure.status, failure.detail));
  return (
    <>
      {words.what} {words.fix}
      {failure.trace_id && (
        <span className="block text-quiet text-sm">{t.common.traceId(failure.trace_id)}</span>
      )}
    </>
  );
}
