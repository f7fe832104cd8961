/**
 * The signs of a script: `*emphasis*`, and `[0.8]` for a silence. The speech service says what they
 * mean (openvoice_service/markup.py); here they are written, and taken out where words are shown.
 */

const SIGN = /[\\＼¥￥]([*＊[\]［］])|([*＊]+)|[[［]([^[\]［］]{1,24})[\]］]/gu;
const MEANT = /^[-+−]?[\d.,]*\d[\d.,]*\s*(s|sec|secs|seconds?|秒間?|ms|min|分)?$/iu;

/** The text as it is shown, and how long its silences are together, in seconds. */
export function plainScript(script: string): { text: string; pausesS: number } {
  const lines = script.split("\n").map(plainLine);
  return {
    text: lines.map(({ text }) => text).join("\n"),
    pausesS: lines.reduce((sum, { pausesS }) => sum + pausesS, 0),
  };
}

function plainLine(line: string): { text: string; pausesS: number } {
  let [text, pausesS, at] = ["", 0, 0];
  for (const match of line.matchAll(SIGN)) {
    const end = match.index + match[0].length;
    const [whole, escaped, stars, inside] = match;
    const number = (inside ?? "").normalize("NFKC").trim();
    text += line.slice(at, match.index);
    at = end;
    if (escaped !== undefined) text += escaped;
    else if (stars !== undefined ? isOwn(line, match.index, end) : !MEANT.test(number))
      text += whole;
    else if (stars === undefined) {
      pausesS += Number.parseFloat(number.replace(",", ".")) || 0;
      // Of the blanks around a silence one is enough.
      if (text === "" || /\s$/u.test(text)) at += line.slice(end).search(/\S|$/u);
    }
  }
  return { text: text + line.slice(at), pausesS };
}

function isOwn(line: string, start: number, end: number): boolean {
  const [before, after] = [line.slice(0, start).slice(-1), line.slice(end, end + 1)];
  const isFree = before.trim() === "" && after.trim() === "";
  return isFree || (/\d/u.test(before.normalize("NFKC")) && /\d/u.test(after.normalize("NFKC")));
}

/** What takes the place of a stretch of the script, and what is selected in it afterwards. */
export interface Insertion {
  from: number;
  to: number;
  text: string;
  selection: [number, number];
}

/** Stars around what is selected, or around the word at the caret; without them where they are. */
export function emphasise(
  script: string,
  start: number,
  end: number,
  language: string,
): Insertion | null {
  const [from, to] = start === end ? wordAt(script, start, language) : trimmed(script, start, end);
  if (from === to) return null;
  const inner = script.slice(from, to);
  if (/^[*＊]/u.test(script.slice(from - 1)) && from > 0 && /^[*＊]/u.test(script.slice(to)))
    return { from: from - 1, to: to + 1, text: inner, selection: [from - 1, to - 1] };
  // Emphasis ends with its sentence; stars in a row would be one sign.
  const bare = inner.replace(/[*＊]/gu, "");
  const text = bare.replace(SENTENCE, "$1*$2*").replace(/\*\*/gu, "* *");
  return { from, to, text, selection: [from + 1, from + text.length - 1] };
}

const SENTENCE = /(\s*)(\S[^\n]*?(?:[。！？!?]+|\.(?=\s|$)|(?=\n|$)))/gu;

/** A silence of half a second at the caret, its number selected. */
export function insertPause(end: number): Insertion {
  return { from: end, to: end, text: "[0.5]", selection: [end + 1, end + 4] };
}

function trimmed(script: string, start: number, end: number): [number, number] {
  const inner = script.slice(start, end);
  const from = start + inner.search(/\S|$/u);
  return [from, Math.max(from, start + inner.trimEnd().length)];
}

function wordAt(script: string, caret: number, language: string): [number, number] {
  for (const piece of new Intl.Segmenter(language, { granularity: "word" }).segment(script)) {
    const end = piece.index + piece.segment.length;
    if (piece.isWordLike && piece.index <= caret && caret <= end) return [piece.index, end];
  }
  return [caret, caret];
}
