import { expect, test } from "vitest";
import type { Phase } from "./booth";
import { actionOf } from "./boothKeys";

const press = (key: string, phase: Phase, more = {}) =>
  actionOf(
    { key, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, repeat: false, ...more },
    phase,
  );

test.each<[string, Phase, string | null]>([
  ["r", "ready", "toggle"],
  ["R", "ready", "toggle"], // Caps Lock
  [" ", "ready", "toggle"],
  ["r", "hush", "toggle"],
  [" ", "recording", "toggle"],
  ["r", "heard", "toggle"],
  ["Enter", "recording", "stop"],
  ["Enter", "heard", "next"],
  ["Enter", "ready", null],
  [" ", "stopping", null],
  ["r", "asking", null],
  [" ", "rest", null],
  ["x", "ready", null],
])("%j while %s asks for %s", (key, phase, expected) => {
  expect(press(key, phase)).toBe(expected);
});

test.each(["shiftKey", "ctrlKey", "repeat"])("with %s the key is not ours", (held) => {
  expect(press("r", "ready", { [held]: true })).toBeNull();
});
