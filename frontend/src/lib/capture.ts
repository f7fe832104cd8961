/** Why a browser does not give a camera or a microphone. */

export type OpeningFailure = "denied" | "no_device" | "busy" | "insecure" | "unsupported";
/** `lost`: it was there, and has gone. */
export type CaptureFailure = OpeningFailure | "lost";

/** Why nothing was opened, by the error of getUserMedia. */
export function failureOf(error: unknown): OpeningFailure {
  const name = error instanceof DOMException || error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "no_device";
  return "busy";
}

/** What keeps this browser from recording at all, before it is asked. */
export function obstacle(): OpeningFailure | null {
  if (!window.isSecureContext) return "insecure";
  const canRecord =
    typeof MediaRecorder !== "undefined" && Boolean(navigator.mediaDevices?.getUserMedia);
  return canRecord ? null : "unsupported";
}
