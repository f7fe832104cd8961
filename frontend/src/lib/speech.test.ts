import { describe, expect, test } from "vitest";
import { openingOf } from "./previews";
import { safeReturnPath } from "./returnPath";
import { otherLanguage, spokenLengthS } from "./speech";

test("the length of speech depends on the language's letters", () => {
  expect(spokenLengthS("お誕生日おめでとう。", "ja")).toBeCloseTo(1.5);
  expect(spokenLengthS("  Happy birthday!  ", "en")).toBeCloseTo(1.05);
});

describe("otherLanguage", () => {
  test.each([
    ["お誕生日おめでとう", "en", "ja"],
    ["お誕生日おめでとう", "ja", null],
    ["생일 축하해", "ja", "ko"],
    ["誕生日会", "ja", null], // Chinese characters alone are good Japanese
    ["生日快乐", "en", "zh"],
    ["Happy birthday, Anna", "ja", "en"],
    ["OK!", "ja", null],
    ["Bonne fête", "en", null], // Latin letters do not tell which language
  ])("%s, chosen %s: %s", (text, chosen, expected) => {
    expect(otherLanguage(text, chosen)).toBe(expected);
  });
});

describe("openingOf", () => {
  test.each([
    ["お誕生日おめでとう。来年も一緒に。", "お誕生日おめでとう。"],
    ["It costs 3.50 today. Come!", "It costs 3.50 today."],
    ["Hi!\n\nHow are you?", "Hi! How are you?"],
    ["no end at all", "no end at all"],
    ["   ", ""],
  ])("%j begins with %j", (text, expected) => {
    expect(openingOf(text)).toBe(expected);
  });

  test("is never longer than a preview may be", () => {
    expect([...openingOf("あ".repeat(900))]).toHaveLength(300);
  });
});

test.each([
  ["/messages/msg_1?x=1", "/messages/msg_1?x=1"],
  ["https://elsewhere.example", "/"],
  ["//elsewhere.example", "/"],
  ["/\\elsewhere.example", "/"],
  ["/signin?next=/", "/"],
  [undefined, "/"],
])("after signing in, %s leads to %s", (next, expected) => {
  expect(safeReturnPath(next)).toBe(expected);
});
