import { expect, test } from "vitest";
import { hasPlaceholder, markPersonal, piecesOf, writePlaceholder } from "./placeholders";

test.each([
  ["nothing to find", "Hello!", []],
  ["one, with its fallback", "Hi {{name|there}}!", [["{{name|there}}", 4]]],
  ["full-width braces", "｛｛名前：さん｝｝へ", [["｛｛名前：さん｝｝", 1]]],
  ["characters are counted, not halves of them", "🎂{{a}}", [["{{a}}", 2]]],
  ["braces that are meant as such", "\\{{a}} {{b}}", [["{{b}}", 8]]],
  [
    "braces that never close",
    "a {{b\n{{c}}",
    [
      ["{{", 3],
      ["{{c}}", 7],
    ],
  ],
])("placeholders are found: %s", (_what, text, expected) => {
  const pieces = piecesOf(text);
  expect(pieces.filter((piece) => piece.isPlaceholder).map(({ text, at }) => [text, at])).toEqual(
    expected,
  );
  expect(pieces.map((piece) => piece.text).join("")).toBe(text);
  expect(hasPlaceholder(text)).toBe(expected.length > 0);
});

test("a placeholder is written as it is read", () => {
  expect(writePlaceholder({ column: "name" })).toBe("{{name}}");
  expect(writePlaceholder({ column: "お名前", honorific: "さん", fallback: " みなさま " })).toBe(
    "{{お名前:さん|みなさま}}",
  );
});

test("personal sentences are marked where they stand, each once", () => {
  const script = "Hi Tom! Thanks. Hi Tom! Bye, Tom.";
  expect(markPersonal(script, ["Hi Tom!", "Bye, Tom."])).toEqual([
    { text: "Hi Tom!", isPersonal: true },
    { text: " Thanks. Hi Tom! ", isPersonal: false },
    { text: "Bye, Tom.", isPersonal: true },
  ]);
  expect(markPersonal("Hello", ["not there"])).toEqual([{ text: "Hello", isPersonal: false }]);
});
