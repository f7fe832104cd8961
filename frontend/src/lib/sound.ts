/** Plays one sound at a time; a new one stops the one before. */

import { useCallback, useEffect, useRef, useState } from "react";

export interface PlayingSound {
  key: string;
  state: "loading" | "playing";
}

export interface Sound {
  current: PlayingSound | null;
  /** Load and play; rejects with what kept it from sounding. */
  play: (key: string, load: (signal: AbortSignal) => Promise<Blob>) => Promise<void>;
  stop: () => void;
}

export function useSound(): Sound {
  const [current, setCurrent] = useState<PlayingSound | null>(null);
  const running = useRef<{ abort: AbortController; audio: HTMLAudioElement } | null>(null);

  const stop = useCallback(() => {
    running.current?.abort.abort();
    running.current?.audio.pause();
    running.current = null;
    setCurrent(null);
  }, []);
  useEffect(() => stop, [stop]);

  const play = useCallback(
    async (key: string, load: (signal: AbortSignal) => Promise<Blob>) => {
      stop();
      // Made inside the click: some browsers only let such an element sound later.
      const mine = { abort: new AbortController(), audio: new Audio() };
      running.current = mine;
      setCurrent({ key, state: "loading" });
      let url = "";
      const finish = () => {
        URL.revokeObjectURL(url);
        if (running.current === mine) stop();
      };
      try {
        const blob = await load(mine.abort.signal);
        if (running.current !== mine) return;
        url = URL.createObjectURL(blob);
        mine.audio.src = url;
        mine.audio.onended = finish;
        mine.abort.signal.addEventListener("abort", () => URL.revokeObjectURL(url), { once: true });
        await mine.audio.play();
        setCurrent({ key, state: "playing" });
      } catch (error) {
        const isOurs = running.current === mine;
        finish();
        if (isOurs) throw error;
      }
    },
    [stop],
  );
  return { current, play, stop };
}

/** Below this peak there is nothing to be heard, in dBFS. */
const SILENT_BELOW = 10 ** (-60 / 20);
/** Enough to hear whether there is anything, and small enough for ten minutes. */
const LOOK_AT_HZ = 8000;

/** What a browser hears of a sound file; null where it can't read it: the server may. */
export async function soundFacts(
  file: Blob,
): Promise<{ durationS: number; isSilent: boolean } | null> {
  try {
    const context = new OfflineAudioContext(1, 1, LOOK_AT_HZ);
    const sound = await context.decodeAudioData(await file.arrayBuffer());
    const channels = Array.from({ length: sound.numberOfChannels }, (_, place) =>
      sound.getChannelData(place),
    );
    const isHeard = (samples: Float32Array) =>
      samples.some((sample) => Math.abs(sample) >= SILENT_BELOW);
    return { durationS: sound.duration, isSilent: !channels.some(isHeard) };
  } catch {
    return null;
  }
}
