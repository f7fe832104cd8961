import { expect, test } from "vitest";
import { actionOf } from "./keys";
import type { Phase } from "./machine";

const press = (key: string, phase: Phase, more = {}) =>
  actionOf(
    { key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, repeat: false, ...more },
    phase,
  );

test.each<[string, Phase, string | null]>([
  ["r", "intro", "open"],
  ["r", "ready", "record"],
  ["R", "ready", "record"], // Caps Lock
  ["r", "recording", null],
  [" ", "recording", "pause"],
  [" ", "paused", "resume"],
  [" ", "countdown", "skip"],
  [" ", "review", null],
  ["Enter", "recording", "stop"],
  ["Enter", "paused", "stop"],
  ["Enter", "countdown", "skip"],
  ["Enter", "ready", null],
  ["Escape", "countdown", "cancel"],
  ["Escape", "recording", null],
  ["?", "recording", "help"],
  ["x", "recording", null],
])("%j while %s asks for %s", (key, phase, expected) => {
  expect(press(key, phase)).toBe(expected);
});

test("Shift and R ask for another take", () => {
  expect(press("R", "review", { shiftKey: true })).toBe("retake");
  expect(press("R", "recording", { shiftKey: true })).toBe("retake");
});

test.each(["altKey", "ctrlKey", "metaKey", "repeat"])("with %s the key is not ours", (held) => {
  expect(press("r", "ready", { [held]: true })).toBeNull();
});
