/** Says that a voice will be needed soon, so that a sleeping voice machine can wake meanwhile. */

import { useEffect } from "react";
import { api } from "./api";
import { useLane } from "./lane";

const EVERY_MS = 30_000;
/** Who has not moved for so long has gone: a forgotten tab must not keep a machine on. */
const GONE_AFTER_MS = 5 * 60_000;
const SIGNS = ["pointerdown", "keydown", "focus"] as const;

/** While the page that uses this is open, seen and used, the server knows. */
export function useVoiceIntent(): void {
  const provider = useLane()?.provider ?? "none";
  useEffect(() => (provider === "none" ? undefined : intend()), [provider]);
}

function intend(): () => void {
  let seenAt = Date.now();
  const see = () => {
    seenAt = Date.now();
  };
  const tell = () => {
    if (document.visibilityState !== "visible" || Date.now() - seenAt > GONE_AFTER_MS) return;
    // A lost sign is no loss: the next one comes in half a minute.
    api.POST("/api/v1/power/intents").catch(() => undefined);
  };
  for (const sign of SIGNS) window.addEventListener(sign, see);
  const timer = setInterval(tell, EVERY_MS);
  tell();
  return () => {
    clearInterval(timer);
    for (const sign of SIGNS) window.removeEventListener(sign, see);
  };
}
