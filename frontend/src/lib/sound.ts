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
