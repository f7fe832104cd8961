/** What is said about a recording before it is sent; kept in the browser, words beside each take. */

import { useEffect, useState } from "react";
import { useLanguage } from "../../i18n";
import type { RecordingContent } from "../../lib/recordings";
import { otherLanguage } from "../../lib/speech";
import { tolerant } from "../../lib/storage";
import type { Studio } from "./studio";

export interface WordsBeingTyped {
  content: RecordingContent;
  change: (changes: Partial<RecordingContent>) => void;
}

/** Signing out takes everything away that begins so. */
const STORED_AS = "draft:studio";

function storedContent(locale: string): RecordingContent {
  const stored = tolerant((held) => JSON.parse(held.getItem(STORED_AS) ?? "{}"));
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  const script = text(stored?.script) ?? "";
  return {
    title: text(stored?.title) ?? "",
    script,
    language: text(stored?.language) ?? otherLanguage(script, locale) ?? locale,
    voice: text(stored?.voice),
    music_upload_id: text(stored?.music_upload_id),
    music_track: text(stored?.music_track),
  };
}

/** A message has them now. */
export const forgetWords = (): void => void tolerant((held) => held.removeItem(STORED_AS));

export function useWords(studio: Studio): WordsBeingTyped {
  const { locale } = useLanguage();
  const [content, setContent] = useState(() => storedContent(locale));
  useEffect(() => {
    studio.words = { title: content.title, script: content.script };
    tolerant((held) => held.setItem(STORED_AS, JSON.stringify(content)));
  }, [studio, content]);
  return { content, change: (changes) => setContent((held) => ({ ...held, ...changes })) };
}
