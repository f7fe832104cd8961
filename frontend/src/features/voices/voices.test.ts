import { describe, expect, test } from "vitest";
import { failureOf } from "../../lib/capture";
import { verdictOf } from "../../ui/LevelMeter";
import { readReport } from "./report";

describe("readReport", () => {
  const whole = {
    voiced_s: 18.2,
    snr_db: 31,
    clipped_fraction: 0,
    level_dbfs: -20,
    dispersion: 0.1,
    verdict: "good",
    advice: "none",
    advice_text: "",
  };

  test("puts the figures into words", () => {
    expect(readReport(whole)).toMatchObject({
      verdict: "good",
      voiced_s: 18.2,
      room: "quiet",
      level: "good",
      clipping: "none",
    });
  });

  test.each([
    [{ snr_db: 8 }, { room: "loud" }],
    [{ snr_db: 20 }, { room: "some" }],
    [{ level_dbfs: -45 }, { level: "low" }],
    [{ clipped_fraction: 0.02 }, { clipping: "some" }],
    [{ snr_db: null }, { room: null }],
  ])("%j reads as %j", (figures, words) => {
    expect(readReport({ ...whole, ...figures })).toMatchObject(words);
  });

  test("shows nothing rather than a verdict that it does not know", () => {
    expect(readReport(null)).toBeNull();
    expect(readReport({ ...whole, verdict: "splendid" })).toBeNull();
  });
});

test.each([
  ["NotAllowedError", "denied"],
  ["NotFoundError", "no_device"],
  ["NotReadableError", "busy"],
])("%s of the microphone means %s", (name, failure) => {
  expect(failureOf(new DOMException("", name))).toBe(failure);
});

test.each([
  [-50, "tooQuiet"],
  [-12, "goodLevel"],
  [-0.5, "tooLoud"],
])("a peak of %d dB is %s", (peak_db, verdict) => {
  expect(verdictOf(peak_db)).toBe(verdict);
});
