import { describe, expect, test } from "vitest";
import type { SpooledSentence } from "../../lib/sentences";
import {
  isEnough,
  nextPlace,
  type Sentence,
  type Sentences,
  sampleFile,
  sentencesOf,
} from "./booth";
import { scriptOf } from "./scripts";
import { encodeWav, type Sound } from "./wav";

const RATE = 8000;

/** A hum of this many seconds between two half seconds of silence. */
function hum(length_s: number): Sound {
  const samples = new Float32Array((length_s + 1) * RATE);
  for (let at = RATE / 2; at < samples.length - RATE / 2; at += 1) {
    samples[at] = 0.3 * Math.sin((2 * Math.PI * 150 * at) / RATE);
  }
  return { samples, sampleRateHz: RATE };
}

const spoken = (length_s: number, recordedMs = 0): Sentence => ({
  sound: hum(length_s),
  heard: { level_dbfs: -20, snr_db: 40, clippedFraction: 0, start_s: 0.5, end_s: 0.5 + length_s },
  flaw: null,
  recordedMs,
});

describe("the next sentence", () => {
  const read = spoken(3);
  test.each<[string, Sentences, number, number | null]>([
    ["follows the one before", [read, null, null], 0, 1],
    ["is the first one at the beginning", [null, null], -1, 0],
    ["leaves out what is there", [read, read, null], 0, 2],
    ["goes back to one that was left out", [null, read, read], 2, 0],
    ["is none when all are there", [read, read], 0, null],
  ])("%s", (_name, sentences, place, expected) => {
    expect(nextPlace(sentences, place)).toBe(expected);
  });
});

test.each<[string, Sentences, boolean]>([
  ["nothing", [null, null], false],
  ["nine seconds of a longer script", [spoken(9), null], false],
  ["eleven seconds of it", [spoken(6), spoken(5), null], true],
  ["a whole script that was read quickly", [spoken(2), spoken(2)], true],
])("%s: enough is %j", (_name, sentences, expected) => {
  expect(isEnough(sentences)).toBe(expected);
});

test("the sample is one file, whose name, size and date stay the same for the same sentences", () => {
  const sentences = [spoken(1, 7), null, spoken(2, 5)];
  const [file, again] = [sampleFile(sentences), sampleFile(sentences)];
  expect(file).toMatchObject({ name: "voice-sample.wav", type: "audio/wav", lastModified: 7 });
  // Both sentences with 0.15 s on either side, two bytes a sample, and the header.
  expect(file?.size).toBeCloseTo(44 + 2 * RATE * (1.3 + 2.3), 5);
  expect(again?.size).toBe(file?.size);
  expect(sampleFile([null, null])).toBeNull();
});

describe("what lay on this device", () => {
  const script = scriptOf("en");
  const kept = (place: number, changes: Partial<SpooledSentence> = {}): SpooledSentence => ({
    accountId: "acc_1",
    language: "en",
    place,
    text: script[place] ?? "",
    wav: encodeWav(hum(4)),
    recordedMs: 12,
    ...changes,
  });

  test("stands at its place, judged anew", () => {
    const sentences = sentencesOf(script, "en", [kept(2)]);
    expect(sentences.map((sentence) => sentence !== null)).toEqual([
      ...[false, false, true],
      ...[false, false, false, false, false],
    ]);
    expect(sentences[2]).toMatchObject({ flaw: null, recordedMs: 12 });
    expect(sentences[2]?.heard.start_s).toBeCloseTo(0.5, 1);
  });

  test.each<[string, Partial<SpooledSentence>]>([
    ["of another language", { language: "ja" }],
    ["that the script no longer has", { text: "An older sentence." }],
  ])("is left out when it is %s", (_name, changes) => {
    expect(sentencesOf(script, "en", [kept(0, changes)]).every((one) => one === null)).toBe(true);
  });
});
