import { expect, test } from "vitest";
import { type SpooledSentence, unfinishedSample } from "./sentences";

const kept = (language: string, place: number, recordedMs: number): SpooledSentence => ({
  accountId: "acc_1",
  language,
  place,
  text: "",
  wav: new ArrayBuffer(0),
  recordedMs,
});

test("the sample to go on with is the one that was read last", () => {
  const sentences = [kept("en", 0, 5), kept("ja", 0, 8), kept("en", 1, 6), kept("ja", 1, 7)];
  expect(unfinishedSample(sentences)).toEqual({ language: "ja", count: 2, recordedMs: 8 });
  expect(unfinishedSample([])).toBeNull();
});
