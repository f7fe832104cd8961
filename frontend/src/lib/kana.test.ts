import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isHigh, parseLine, parseWord, writeLine } from "./kana";

interface Lines {
  good: {
    line: string;
    phrases: { moras: string[]; accent: number; pause: boolean; question: boolean }[];
  }[];
  bad: { line: string; code: string; at: number }[];
}

/** The speech service is tested with the same lines: neither may take what the other refuses. */
const lines: Lines = JSON.parse(
  readFileSync(
    join(import.meta.dirname, "../../../openvoice_service/tests/kana_lines.json"),
    "utf8",
  ),
);

test.each(lines.good)("$line means its phrases", ({ line, phrases }) => {
  const parsed = parseLine(line);
  expect(parsed.phrases).toEqual(
    phrases.map(({ moras, accent, pause, question }) => ({
      moras,
      accent,
      hasPause: pause,
      isQuestion: question,
    })),
  );
  expect(parseLine(writeLine(parsed.phrases ?? []))).toEqual(parsed);
});

test.each(lines.bad)("“$line” is refused: $code", ({ line, code, at }) => {
  expect(parseLine(line).problem).toEqual({ code, at });
});

test("a word is one phrase, and flat without a mark", () => {
  expect(parseWord("ショージ").phrases?.[0]?.accent).toBe(3);
  expect(parseWord("しょ'ーじ").phrases?.[0]?.accent).toBe(1);
  expect(parseWord("ショージ/サン").problem).toEqual({ code: "reading_not_a_word", at: 5 });
  expect(parseWord("").problem?.code).toBe("reading_empty");
});

test.each([
  [1, "HLLL"],
  [2, "LHLL"],
  [4, "LHHH"],
])("the pitches of an accent on %i are Tokyo's", (accent, pitches) => {
  const high = isHigh({ moras: [..."ヤマザキ"], accent, hasPause: false, isQuestion: false });
  expect(high.map((one) => (one ? "H" : "L")).join("")).toBe(pitches);
});
