/** Finds out why a video failed: the media element alone does not say 404. */

import type { Failure } from "./labels";

const GONE = new Set([401, 403, 404, 410]);

/** What an HTTP status says about a video that the browser could not play. */
export function failureOfStatus(status: number): Failure {
  if (GONE.has(status)) return "gone";
  if (status >= 400) return "unavailable";
  return "unplayable";
}

/** Ask for one byte of `src` and say what is wrong with it. */
export async function diagnose(src: string, ask: typeof fetch): Promise<Failure> {
  try {
    const answer = await ask(src, { headers: { Range: "bytes=0-0" }, cache: "no-store" });
    await answer.body?.cancel();
    return failureOfStatus(answer.status);
  } catch {
    return "offline";
  }
}
