import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Playback } from "./message";
import { nextDelayMs, type Polling, pollMaking } from "./polling";

const making = (percent: number): Playback => ({
  phase: percent < 100 ? "processing" : "ready",
  percent,
  video_url: percent < 100 ? null : "/s/token/video.mp4",
  stream_url: null,
  stream_type: null,
  duration_s: null,
  poster_url: null,
  captions_url: null,
  has_words: false,
  waveform_url: null,
});

describe("nextDelayMs", () => {
  test("news are followed closely", () => {
    expect(nextDelayMs(9000, true)).toBe(1000);
  });

  test("the same answer again and again is asked for less and less, but never given up", () => {
    let delayMs = 1000;
    const delays = Array.from({ length: 12 }, () => {
      delayMs = nextDelayMs(delayMs, false);
      return delayMs;
    });
    expect(delays).toEqual(delays.toSorted((one, other) => one - other));
    expect(delays[0]).toBe(1500);
    expect(delays.at(-1)).toBe(15_000);
  });
});

describe("pollMaking", () => {
  let polling: Polling | undefined;
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    polling?.stop();
    vi.useRealTimers();
  });

  test("asks until the video is there, and not once more", async () => {
    const answers = [making(10), making(60), making(100)];
    const ask = vi.fn(async () => answers.shift() ?? making(100));
    const told: (number | null)[] = [];
    polling = pollMaking({
      ask,
      onAnswer(answer) {
        told.push(answer.percent);
        return answer.phase === "ready";
      },
    });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(told).toEqual([10, 60, 100]);
    expect(ask).toHaveBeenCalledTimes(3);
  });

  test("a lost connection is no end", async () => {
    let isLost = true;
    const onAnswer = vi.fn(() => true);
    polling = pollMaking({
      ask: async () => {
        if (isLost) throw new TypeError("offline");
        return making(100);
      },
      onAnswer,
    });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(onAnswer).not.toHaveBeenCalled();
    isLost = false;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(onAnswer).toHaveBeenCalledOnce();
  });

  test("a page that nobody sees does not ask, and asks at once when it is seen", async () => {
    let isHidden = true;
    const ask = vi.fn(async () => making(10));
    polling = pollMaking({ ask, onAnswer: () => false, isHidden: () => isHidden });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ask).not.toHaveBeenCalled();
    isHidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(0);
    expect(ask).toHaveBeenCalledOnce();
  });
});
