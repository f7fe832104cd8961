import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emphasise, type Insertion, insertPause, plainScript } from "./markup";

interface Line {
  typed: string;
  plain: string;
  pauses_s: number;
}
const LINES = JSON.parse(
  readFileSync(join("..", "openvoice_service/tests/markup_lines.json"), "utf8"),
) as Line[];

test.each(LINES)("the speech service understands the same by $typed", (line) => {
  const plain = plainScript(line.typed);
  expect(plain.text).toBe(line.plain);
  expect(plain.pausesS).toBeCloseTo(line.pauses_s);
});

const after = (script: string, made: Insertion | null) =>
  made ? script.slice(0, made.from) + made.text + script.slice(made.to) : script;
const stars = (script: string, start: number, end: number, language = "en") =>
  after(script, emphasise(script, start, end, language));

test("what is selected gets stars, its blanks do not", () => {
  expect(stars("So very proud.", 2, 8)).toBe("So *very* proud.");
});

test("without a selection the word at the caret is meant", () => {
  expect(stars("So very proud.", 5, 5)).toBe("So *very* proud.");
  expect(stars("今日は大切な日。", 4, 4, "ja")).toBe("今日は*大切*な日。");
  expect(stars("", 0, 0)).toBe("");
});

test("a second time takes them away", () => {
  expect(stars("So *very* proud.", 4, 8)).toBe("So very proud.");
});

test("each sentence has stars of its own", () => {
  expect(stars("One. Two!\nThree", 0, 15)).toBe("*One.* *Two!*\n*Three*");
  expect(stars("一つ。二つ", 0, 5, "ja")).toBe("*一つ。* *二つ*");
});

test("a pause comes behind what is selected, its length ready to be typed over", () => {
  const made = insertPause(3);
  expect(after("So, good", made)).toBe("So,[0.5] good");
  expect(after("So, good", made).slice(...made.selection)).toBe("0.5");
});
