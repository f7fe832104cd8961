/** The studio's keyboard: which key asks for what, at which moment. Pure, a table. */

import { isOurs, type Pressed } from "../../lib/keys";
import type { Phase, StudioEvent } from "./machine";

export type KeyAction = StudioEvent["type"] | "help";

/** What a key asks of the studio in this phase, or null where it belongs to the browser. */
export function actionOf(pressed: Pressed, phase: Phase): KeyAction | null {
  if (!isOurs(pressed)) return null;
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
