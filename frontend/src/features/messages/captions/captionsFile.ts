import { problemFrom } from "../../../lib/problems";

/** The caption file at `url` as it is now, not as a cache remembers it. */
export async function fetchText(url: string, signal?: AbortSignal): Promise<string> {
  const answer = await fetch(url, { cache: "no-cache", ...(signal ? { signal } : {}) });
  if (!answer.ok) throw problemFrom(answer.status, await answer.json().catch(() => null));
  return answer.text();
}
