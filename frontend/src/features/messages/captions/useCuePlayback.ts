/** Plays single captions of a video, and says which one is seen. */

import { useCallback, useEffect, useRef, useState } from "react";
import { type Cue, cueAt } from "../../../lib/cues";

export function useCuePlayback(cues: readonly Cue[]) {
  const video = useRef<HTMLVideoElement | null>(null);
  const known = useRef(cues);
  known.current = cues;
  /** The caption that is played by itself; the video stops at its end. */
  const only = useRef<number | null>(null);
  const [playing, setPlaying] = useState<number | null>(null);
  const [seen, setSeen] = useState<number | null>(null);
  const frame = useRef(0);

  const look = useCallback(() => {
    const element = video.current;
    if (!element) return;
    const mine = known.current.find(({ id }) => id === only.current);
    if (mine && element.currentTime >= mine.endS) element.pause();
    setSeen(cueAt(known.current, element.currentTime)?.id ?? null);
    // `timeupdate` comes a few times a second: too seldom to stop at the end of a word.
    if (!element.paused) frame.current = requestAnimationFrame(look);
  }, []);

  const listening = useRef<AbortController | null>(null);
  const onVideo = useCallback(
    (element: HTMLVideoElement | null) => {
      listening.current?.abort();
      cancelAnimationFrame(frame.current);
      video.current = element;
      if (!element) return;
      const mine = new AbortController();
      listening.current = mine;
      const { signal } = mine;
      const paused = () => {
        only.current = null;
        setPlaying(null);
      };
      element.addEventListener("play", look, { signal });
      element.addEventListener("seeked", look, { signal });
      element.addEventListener("pause", paused, { signal });
      element.addEventListener("ended", paused, { signal });
    },
    [look],
  );
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  /** Play one caption, or stop it where it is being played. */
  const toggle = useCallback((cue: Cue) => {
    const element = video.current;
    if (!element) return;
    if (only.current === cue.id) return element.pause();
    element.currentTime = cue.startS;
    only.current = cue.id;
    setPlaying(cue.id);
    element.play().catch(() => {
      only.current = null;
      setPlaying(null);
    });
  }, []);

  /** Show the picture at a moment. */
  const show = useCallback((atS: number) => {
    if (!video.current) return;
    video.current.pause();
    video.current.currentTime = atS;
  }, []);
  const nowS = useCallback(() => video.current?.currentTime ?? 0, []);
  return { onVideo, toggle, show, nowS, playing, seen };
}
