/**
 * A line of kana that says how a Japanese sentence is read: katakana, ' where the pitch falls, / and
 * 、 between phrases, _ before a whispered mora, ？ behind a question. The speech service reads the
 * same (openvoice_service/readings.py); here it is read as it is typed.
 */

export interface AccentPhrase {
  /** Each beat; a whispered one begins with _. */
  moras: string[];
  /** After which mora the pitch falls, counted from 1; the last: it stays high. */
  accent: number;
  hasPause: boolean;
  isQuestion: boolean;
}

/** What cannot be read, and where in the line, counted from 1. */
export interface KanaProblem {
  code: string;
  at: number;
}

export type KanaLine =
  | { phrases: AccentPhrase[]; problem: null }
  | { phrases: null; problem: KanaProblem };

const ROWS = `
ア イ ウ エ オ ァ ィ ゥ ェ ォ イェ ウィ ウェ ウォ ン ッ ー
カ キ ク ケ コ キャ キュ キョ キェ クァ クィ クゥ クェ クォ クヮ ヶ
ガ ギ グ ゲ ゴ ギャ ギュ ギョ ギェ グァ グィ グゥ グェ グォ グヮ
サ シ ス セ ソ シャ シュ ショ シェ スィ ザ ジ ズ ゼ ゾ ジャ ジュ ジョ ジェ ズィ
タ チ ツ テ ト チャ チュ チョ チェ ツァ ツィ ツェ ツォ ティ テャ テュ テョ トゥ
ダ ヂ ヅ デ ド ヂャ ヂュ ヂョ ディ デャ デュ デョ ドゥ
ナ ニ ヌ ネ ノ ニャ ニュ ニョ ニェ
ハ ヒ フ ヘ ホ ヒャ ヒュ ヒョ ヒェ ファ フィ フェ フォ
バ ビ ブ ベ ボ ビャ ビュ ビョ ビェ パ ピ プ ペ ポ ピャ ピュ ピョ ピェ
マ ミ ム メ モ ミャ ミュ ミョ ミェ ヤ ユ ヨ ャ ュ ョ
ラ リ ル レ ロ リャ リュ リョ リェ ワ ヰ ヱ ヲ ヮ ヴ ヴァ ヴィ ヴェ ヴォ ヴャ ヴュ ヴョ
`;
export const MORAS: ReadonlySet<string> = new Set(ROWS.trim().split(/\s+/));
export const LINE_LIMIT = 1000;
const SAME: Record<string, string> = Object.fromEntries([
  ...[..."’‘´`ʼ＇ꞌ"].map((typed) => [typed, "'"]),
  ...[..."，,､。｡"].map((typed) => [typed, "、"]),
  ...[..."？"].map((typed) => [typed, "?"]),
  ...[..."〜～~-－—―–‐"].map((typed) => [typed, "ー"]),
]);

interface Sign {
  text: string;
  at: number;
}

class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly at: number,
  ) {
    super(code);
  }
}

/** What a line means, or the first thing in it that cannot be read. */
export function parseLine(line: string): KanaLine {
  try {
    return { phrases: phrasesOf(signsOf(line)), problem: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { phrases: null, problem: { code: error.code, at: error.at } };
  }
}

/** What a word's line means: one phrase, which is flat where nothing marks a fall. */
export function parseWord(line: string): KanaLine {
  const border = [...line].findIndex((letter) => /[/／、，,。?？]/.test(letter));
  if (border >= 0) {
    return { phrases: null, problem: { code: "reading_not_a_word", at: border + 1 } };
  }
  const plain = [...line].map((letter) => SAME[letter] ?? letter);
  return parseLine(plain.includes("'") || line.trim() === "" ? line : `${line}'`);
}

/** The line that says the same. */
export function writeLine(phrases: readonly AccentPhrase[]): string {
  const line = phrases.map(({ moras, accent, hasPause, isQuestion }) => {
    const kana = [...moras.slice(0, accent), "'", ...moras.slice(accent)].join("");
    return kana + (isQuestion ? "？" : "") + (hasPause ? "、" : "/");
  });
  return line.join("").replace(/[/、]+$/, "");
}

/** For each mora whether it is high, as in Tokyo. */
export const isHigh = ({ moras, accent }: AccentPhrase): boolean[] =>
  moras.map((_, index) => index < accent && (index > 0 || accent === 1));

function phrasesOf(signs: Sign[]): AccentPhrase[] {
  while (signs.at(-1)?.text === "、") signs.pop();
  const last = signs.at(-1);
  if (!last) throw new Refusal("reading_empty", 1);
  const phrases: AccentPhrase[] = [];
  let begin = 0;
  signs.forEach((sign, index) => {
    if (sign.text !== "/" && sign.text !== "、") return;
    phrases.push(phraseOf(signs.slice(begin, index), sign, sign.text === "、"));
    begin = index + 1;
  });
  return [...phrases, phraseOf(signs.slice(begin), last, false)];
}

function phraseOf(signs: Sign[], border: Sign, hasPause: boolean): AccentPhrase {
  const isQuestion = signs.at(-1)?.text === "?";
  const { moras, accent } = bodyOf(isQuestion ? signs.slice(0, -1) : signs);
  if (moras.length === 0) throw new Refusal("reading_phrase_empty", border.at);
  if (!accent) throw new Refusal("reading_accent_missing", signs.at(-1)?.at ?? border.at);
  return { moras, accent, hasPause, isQuestion };
}

function bodyOf(signs: Sign[]): { moras: string[]; accent: number } {
  const moras: string[] = [];
  let accent = 0;
  let whisper: Sign | null = null;
  for (const sign of signs) {
    if (sign.text === "'") {
      if (moras.length === 0) throw new Refusal("reading_accent_first", sign.at);
      if (accent) throw new Refusal("reading_accent_twice", sign.at);
      accent = moras.length;
    } else if (sign.text === "?") {
      throw new Refusal("reading_question_inside", sign.at);
    } else if (sign.text === "_") {
      whisper = sign;
    } else {
      moras.push(moraOf(sign, whisper, moras.length === 0));
      whisper = null;
    }
  }
  if (whisper) throw new Refusal("reading_whisper_misplaced", whisper.at);
  return { moras, accent };
}

function moraOf(sign: Sign, whisper: Sign | null, isFirst: boolean): string {
  if (sign.text === "ー" && isFirst) throw new Refusal("reading_long_first", sign.at);
  if (!whisper) return sign.text;
  if ("ンッー".includes(sign.text)) throw new Refusal("reading_whisper_misplaced", whisper.at);
  return `_${sign.text}`;
}

/** Moras and marks; the longest that fits first, as キャ before キ. */
function signsOf(line: string): Sign[] {
  const letters = lettersOf(line);
  const signs: Sign[] = [];
  for (let index = 0; index < letters.length; ) {
    const [one, next] = [letters[index], letters[index + 1]];
    if (!one) break;
    const pair = one.text + (next?.text ?? "");
    if (next && MORAS.has(pair)) {
      signs.push({ text: pair, at: one.at });
      index += 2;
    } else if (MORAS.has(one.text) || "'/、_?".includes(one.text)) {
      signs.push(one);
      index += 1;
    } else {
      throw new Refusal("reading_letter_unknown", one.at);
    }
  }
  return signs;
}

/** The line's letters in one way of writing, each with the place where it stood. */
function lettersOf(line: string): Sign[] {
  const typed = [...line];
  if (typed.length > LINE_LIMIT) throw new Refusal("reading_too_long", LINE_LIMIT + 1);
  const letters: Sign[] = [];
  typed.forEach((letter, index) => {
    const plain = SAME[letter] ?? letter.normalize("NFKC");
    const before = letters.at(-1);
    if (before && (plain === "\u3099" || plain === "\u309a")) {
      before.text = (before.text + plain).normalize("NFC");
      return;
    }
    for (const one of plain) {
      if (one.trim()) letters.push({ text: toKatakana(one), at: index + 1 });
    }
  });
  return letters;
}

const toKatakana = (letter: string): string =>
  letter >= "ぁ" && letter <= "ゖ" ? String.fromCodePoint(letter.charCodeAt(0) + 0x60) : letter;
