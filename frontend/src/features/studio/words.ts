/** Title and script while they are typed; kept in the browser, and beside each take. */

import { useEffect, useState } from "react";
import { tolerant } from "../../lib/storage";
import type { Studio } from "./studio";

export interface TypedWords {
  title: string;
  script: string;
}

export interface WordsBeingTyped extends TypedWords {
  change: (changes: Partial<TypedWords>) => void;
}

/** Signing out takes everything away that begins so. */
const STORED_AS = "draft:studio";

function storedWords(): TypedWords {
  const stored = tolerant((held) => JSON.parse(held.getItem(STORED_AS) ?? "{}"));
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return { title: text(stored?.title), script: text(stored?.script) };
}

/** A message has them now. */
export const forgetWords = (): void => void tolerant((held) => held.removeItem(STORED_AS));

export function useWords(studio: Studio): WordsBeingTyped {
  const [words, setWords] = useState(storedWords);
  useEffect(() => {
    studio.words = words;
    tolerant((held) => held.setItem(STORED_AS, JSON.stringify(words)));
  }, [studio, words]);
  return { ...words, change: (changes) => setWords((held) => ({ ...held, ...changes })) };
}
