/** What can be told about a text before it is spoken. */

/** Characters as the server counts them: an emoji beyond the basic plane is one, not two. */
export const charactersIn = (text: string): number => [...text].length;

/** Seconds a character of unhurried speech; the server's own first guess. */
const SECONDS_A_CHARACTER: Record<string, number> = { ja: 0.15, zh: 0.25, ko: 0.17 };
const OTHERS = 0.07;

/** About how long the text will be when spoken, in seconds. */
export function spokenLengthS(text: string, language: string): number {
  return charactersIn(text.trim()) * (SECONDS_A_CHARACTER[language] ?? OTHERS);
}

/** The language that the letters give away, or null where several would fit. */
export function languageOfLetters(text: string): string | null {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return "ja";
  if (/\p{Script=Hangul}/u.test(text)) return "ko";
  if (/\p{Script=Han}/u.test(text)) return "zh";
  return null;
}

/** Whether the text is surely in another language than the one chosen; which one, if so. */
export function otherLanguage(text: string, chosen: string): string | null {
  const found = languageOfLetters(text);
  if (found) return found !== chosen && !(found === "zh" && chosen === "ja") ? found : null;
  // Latin letters alone: no Japanese, Chinese or Korean, but which language is anybody's guess.
  const isAsian = ["ja", "zh", "ko"].includes(chosen);
  const letters = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  return isAsian && letters >= 12 ? "en" : null;
}
