/** The studio's keyboard: which key asks for what, at which moment. Pure, a table. */

import type { Phase, StudioEvent } from "./machine";

/** The part of a `KeyboardEvent` that decides. */
export interface Pressed {
  key: string;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  repeat: boolean;
}

export type KeyAction = StudioEvent["type"] | "help";

/** What a key asks of the studio in this phase, or null where it belongs to the browser. */
export function actionOf(pressed: Pressed, phase: Phase): KeyAction | null {
  // A key that is held down must not pause and go on a dozen times.
  if (pressed.altKey || pressed.ctrlKey || pressed.metaKey || pressed.repeat) return null;
  if (pressed.key === "?") return "help";
  if (pressed.key.toLowerCase() === "r") return pressed.shiftKey ? "retake" : recordKey(phase);
  if (pressed.shiftKey) return null;
  if (pressed.key === " ") return spaceKey(phase);
  if (pressed.key === "Enter") return enterKey(phase);
  return pressed.key === "Escape" && phase === "countdown" ? "cancel" : null;
}

function recordKey(phase: Phase): KeyAction | null {
  if (phase === "intro" || phase === "blocked") return "open";
  return phase === "ready" ? "record" : null;
}

function spaceKey(phase: Phase): KeyAction | null {
  if (phase === "countdown") return "skip";
  if (phase === "recording") return "pause";
  return phase === "paused" ? "resume" : null;
}

function enterKey(phase: Phase): KeyAction | null {
  if (phase === "countdown") return "skip";
  return phase === "recording" || phase === "paused" ? "stop" : null;
}

const TYPED_INTO =
  "input:not([type=checkbox]):not([type=radio]):not([type=range]):not([type=file]), textarea, [contenteditable=true]";
const PRESSED_ON = "button, a[href], select, summary, input";

/** Whether the focused element itself needs the key: letters in fields, Space and Enter on buttons. */
export function belongsToElement(key: string, element: Element | null): boolean {
  if (!element) return false;
  if (element.closest("dialog") || element.matches(TYPED_INTO)) return true;
  // A list takes letters to jump by; a player has keys of its own.
  if (element.matches("select") || element.closest(".vm-player")) return true;
  return (key === " " || key === "Enter") && element.matches(PRESSED_ON);
}
