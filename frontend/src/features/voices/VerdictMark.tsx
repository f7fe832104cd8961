import { useText } from "../../i18n";
import { Icon } from "../../ui/Icon";
import type { Sentence } from "./booth";

/** The verdict on a sentence in a word, with a sign beside the colour. */
export function VerdictMark({ sentence }: { sentence: Sentence | null }) {
  const t = useText();
  if (!sentence) return <p className="mt-0.5 text-quiet text-sm">{t.sample.missing}</p>;
  const flaw = sentence.flaw && t.sample.flaws[sentence.flaw];
  return (
    <p
      className={`mt-0.5 flex items-center gap-1 font-semibold text-sm ${flaw ? "text-warn" : "text-good"}`}
    >
      <Icon name={flaw ? "alert" : "check"} className="size-4" />
      {(flaw || t.sample.good).word}
    </p>
  );
}
