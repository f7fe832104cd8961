/** A sentence as it is said: stressed words stand out, and silences are told. */

import type { components } from "../../api/schema";
import { useText } from "../../i18n";

export type SentencePart = components["schemas"]["SentencePart"];

/** The words alone. */
export const plainText = (parts: readonly SentencePart[]): string =>
  parts.map(({ text }) => text).join("");

export function SentenceText({ parts }: { parts: readonly SentencePart[] }) {
  const t = useText();
  let at = 0;
  return parts.map(({ text, is_stressed, pause_s }) => {
    at += text.length + 1;
    if (pause_s != null) {
      return (
        <span
          key={at}
          className="mx-1 whitespace-nowrap rounded-full bg-tint px-2 py-0.5 font-normal text-mark text-xs"
        >
          {t.sentences.pauseOf(String(pause_s))}
        </span>
      );
    }
    return is_stressed ? (
      <em
        key={at}
        className="text-mark not-italic underline decoration-2 decoration-mark underline-offset-4"
      >
        {text}
      </em>
    ) : (
      <span key={at}>{text}</span>
    );
  });
}
