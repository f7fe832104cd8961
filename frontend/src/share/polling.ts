/** Asks how far a message is, often while it moves, seldom while it stands, never unseen. */

import type { Playback } from "./message";

const SOONEST_MS = 1000;
const LATEST_MS = 15_000;
const SLOWER = 1.5;

/** Milliseconds until the next question, after an answer that said something new, or did not. */
export function nextDelayMs(lastMs: number, isNews: boolean): number {
  return isNews ? SOONEST_MS : Math.min(Math.max(lastMs, SOONEST_MS) * SLOWER, LATEST_MS);
}

export interface Polling {
  stop(): void;
}

export interface PollingOptions {
  /** Rejects where the question could not be put; that counts as no news. */
  ask: () => Promise<Playback>;
  /** True ends the questions. */
  onAnswer: (playback: Playback) => boolean;
  isHidden?: () => boolean;
}

/** Ask until the answer is final. A page that nobody sees asks again as soon as it is looked at. */
export function pollMaking(options: PollingOptions): Polling {
  const isHidden = options.isHidden ?? (() => document.hidden);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let delayMs = SOONEST_MS;
  let known = "";
  let isAsking = false;
  let isStopped = false;

  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", wake);
  };
  const wait = (isNews: boolean): void => {
    if (isStopped) return;
    delayMs = nextDelayMs(delayMs, isNews);
    timer = setTimeout(look, delayMs);
  };
  async function look(): Promise<void> {
    if (isStopped || isAsking || isHidden()) return; // wake() goes on
    isAsking = true;
    try {
      const playback = await options.ask();
      const isNews = JSON.stringify(playback) !== known;
      known = JSON.stringify(playback);
      if (!isStopped && options.onAnswer(playback)) stop();
      wait(isNews);
    } catch {
      wait(false);
    } finally {
      isAsking = false;
    }
  }
  function wake(): void {
    if (isHidden()) return;
    clearTimeout(timer);
    delayMs = SOONEST_MS;
    void look();
  }

  document.addEventListener("visibilitychange", wake);
  timer = setTimeout(look, delayMs);
  return { stop };
}
