import { describe, expect, test } from "vitest";
import { chooseLocale, initialOf, shareTexts } from "./texts";

describe("chooseLocale", () => {
  test.each([
    ["the viewer's choice wins", "?lang=en", ["ja-JP"], "ja", "en"],
    ["then the browser's first known language", "", ["fr-FR", "ja-JP", "en-US"], "en", "ja"],
    ["then the message's own", "", ["fr"], "ja", "ja"],
    ["then English", "", ["fr"], "ko", "en"],
    ["an unknown choice is no choice", "?lang=xx", ["ja"], "en", "ja"],
  ])("%s", (_name, query, browser, message, locale) => {
    expect(chooseLocale(query, browser, message)).toBe(locale);
  });
});

describe("initialOf", () => {
  test.each([
    ["花子", "花"],
    [" anna", "A"],
    ["𠮷田", "𠮷"],
    ["", ""],
  ])("of %j is %j", (sender, initial) => {
    expect(initialOf(sender)).toBe(initial);
  });
});

test("both languages say the same things", () => {
  expect(Object.keys(shareTexts.ja).sort()).toEqual(Object.keys(shareTexts.en).sort());
});
