/** The recording booth's keyboard: which key asks for what, at which moment. */

import { useEffect } from "react";
import { belongsToElement, isOurs, type Pressed } from "../../lib/keys";
import type { Booth, Phase } from "./booth";

export type BoothAction = "toggle" | "stop" | "next";

/** What a key asks of the booth in this phase, or null where it belongs to the browser. */
export function actionOf(pressed: Pressed, phase: Phase): BoothAction | null {
  if (!isOurs(pressed) || pressed.shiftKey) return null;
  const isOn = phase === "hush" || phase === "recording";
  if (pressed.key === "Enter") return isOn ? "stop" : phase === "heard" ? "next" : null;
  if (pressed.key.toLowerCase() !== "r" && pressed.key !== " ") return null;
  return isOn || phase === "ready" || phase === "heard" ? "toggle" : null;
}

/** Listen to the whole page's keyboard while a sentence is on the stage. */
export function useBoothKeys(booth: Booth, isBad: boolean): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const action = actionOf(event, booth.snapshot().phase);
      if (!action || event.defaultPrevented) return;
      if (belongsToElement(event.key, document.activeElement)) return;
      event.preventDefault();
      if (action === "next" && isBad) booth.toggle();
      else booth[action]();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [booth, isBad]);
}
