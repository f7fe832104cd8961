import { describe, expect, test } from "vitest";
import { BLANK } from "../draft";
import { USUAL } from "./delivery";
import { isTake, likeness, type Take, takeNow, takesOf, usingTake } from "./takes";

const said = (text: string, how: Partial<Take> = {}): Take => ({
  text,
  language: "ja",
  voice: "v",
  reading: null,
  speed: 1,
  pitch: 0,
  intonation: 1,
  volume: 1,
  ...how,
});
const texts = (takes: readonly Take[], sentences: readonly string[]) =>
  Object.fromEntries(
    [...takesOf(takes, sentences)].map(([sentence, mine]) => [
      sentence,
      mine.map(({ text }) => text),
    ]),
  );

describe("takes", () => {
  test("stay with the sentence that stands there as it was said", () => {
    const takes = [said("お元気ですか。"), said("またね。"), said("お元気ですか。", { speed: 2 })];
    expect(texts(takes, ["またね。", "お元気ですか。"])).toEqual({
      "お元気ですか。": ["お元気ですか。", "お元気ですか。"],
      "またね。": ["またね。"],
    });
  });

  test("follow a sentence that is reworded, step by step", () => {
    const takes = [
      said("お誕生日おめでとう。"),
      said("お誕生日、おめでとうございます。"),
      said("別の話です。"),
    ];
    const now = "花子さん、お誕生日、本当におめでとうございます。";
    expect(texts(takes, ["今日は晴れです。", now])).toEqual({
      [now]: ["お誕生日おめでとう。", "お誕生日、おめでとうございます。"],
    });
  });

  test("come back with a sentence that comes back, and are nobody else's meanwhile", () => {
    const takes = [said("Hello Tom."), said("Goodbye.")];
    expect(texts(takes, ["Goodbye."])).toEqual({ "Goodbye.": ["Goodbye."] });
    expect(texts(takes, ["Hello Tom.", "Goodbye."])["Hello Tom."]).toEqual(["Hello Tom."]);
  });

  test("of texts without two letters are told apart all the same", () => {
    expect([
      likeness("", ""),
      likeness("は", "は"),
      likeness("は", "に"),
      likeness("ab", "ba"),
    ]).toEqual([1, 1, 0, 0]);
  });
});

test("the one that is used is what the sentence is said like now, the pause apart", () => {
  const delivery = { ...USUAL, speed: 0.8, pause_after_s: 3 };
  const readings = [{ text: "橋。", kana: "ハシ'" }];
  const now = takeNow({ ...BLANK, readings }, "v", "橋。", delivery);
  expect(isTake(said("橋。", { speed: 0.8, reading: "ハシ'" }), now)).toBe(true);
  expect(isTake(said("橋。", { speed: 0.8 }), now)).toBe(false);
});

test("using one brings its words, reading, voice and manner to its sentence, and keeps the pause", () => {
  const asked = { ...USUAL, text: "お元気ですか？", speed: 1.5, pause_after_s: 2 };
  const content = {
    ...BLANK,
    voice: "v",
    script: "やあ。お元気ですか？",
    readings: [{ text: "やあ。", kana: "ヤ'ー" }],
    deliveries: [asked],
  };
  const take = said("お元気？", { voice: "w", speed: 0.7, reading: "オゲ'ンキ" });
  expect(usingTake(content, ["やあ。", "お元気ですか？"], "お元気ですか？", take)).toEqual({
    script: "やあ。お元気？",
    readings: [
      { text: "やあ。", kana: "ヤ'ー" },
      { text: "お元気？", kana: "オゲ'ンキ" },
    ],
    deliveries: [asked, { ...USUAL, text: "お元気？", speed: 0.7, pause_after_s: 2, voice: "w" }],
  });
  expect(usingTake(content, ["やあ。"], "やあ。", said("やあ。")).readings).toEqual([]);
});
