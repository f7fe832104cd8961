/** Tells the backend how a message is watched, a little at a time, for the sender's heat strip. */

import type { Calls, PlaybackEvent } from "./calls";
import { watchedSegments } from "./watched";

const EVERY_MS = 5000;

export interface TellingOptions {
  calls: Pick<Calls, "tell" | "tellLast">;
  video: HTMLVideoElement;
  /** Seconds, for as long as the video does not say it. */
  durationS: number | null;
  now?: () => number;
}

/** Tell that the page was opened, then what is watched of `video`, until the answer is called. */
export function tellPlayback(options: TellingOptions): () => void {
  const { calls, video, durationS, now = Date.now } = options;
  const listening = new AbortController();
  const { signal } = listening;
  const on = (name: string, act: () => void): void => video.addEventListener(name, act, { signal });
  const watched = watchedSegments();
  let lastToldMs = now();
  let isNewView = true;

  const length = (): number =>
    Number.isFinite(video.duration) && video.duration > 0 ? video.duration : (durationS ?? 0);
  const tell = (kind: PlaybackEvent["kind"], segments: number[] = []): void => {
    lastToldMs = now();
    const event = segments.length > 0 ? { kind, watched: segments } : { kind };
    calls.tell(event).catch(() => watched.giveBack(segments));
  };
  const look = (): number[] => {
    watched.add(video.played, length());
    return watched.takeNew();
  };
  const tellProgress = (): void => {
    const segments = look();
    if (segments.length > 0) tell("progress", segments);
  };

  onceSeen(signal, () => tell("opened"));
  on("playing", () => {
    if (isNewView) tell("played");
    isNewView = false;
  });
  on("timeupdate", () => {
    if (!video.paused && now() - lastToldMs >= EVERY_MS) tellProgress();
  });
  on("pause", () => {
    if (!video.ended) tellProgress();
  });
  // Another file may take over, and what was played of this one is forgotten with it.
  on("error", tellProgress);
  on("ended", () => {
    tell("ended", look());
    isNewView = true; // watching it again may be another view; the backend decides
  });
  onLeaving(signal, () => {
    const segments = look();
    if (segments.length > 0) calls.tellLast({ kind: "progress", watched: segments });
  });
  return () => listening.abort();
}

/** A page that the browser prepares behind the scenes has not been opened by anybody. */
function onceSeen(signal: AbortSignal, act: () => void): void {
  const page = document as Document & { prerendering?: boolean };
  if (page.prerendering) page.addEventListener("prerenderingchange", act, { once: true, signal });
  else act();
}

/** Phones give no later sign than this before they put a page to sleep for good. */
function onLeaving(signal: AbortSignal, act: () => void): void {
  window.addEventListener("pagehide", act, { signal });
  const hide = (): void => {
    if (document.hidden) act();
  };
  document.addEventListener("visibilitychange", hide, { signal });
}
