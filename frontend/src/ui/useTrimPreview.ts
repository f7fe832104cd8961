import { useCallback, useEffect, useRef } from "react";
import type { Trim } from "../lib/trim";

/** Before the end by so much, the end is reached: `timeupdate` comes a few times a second. */
const END_SLACK_S = 0.05;

/** Keep a player within the trim, and show each edge where it is moved to. */
export function useTrimPreview(trim: Trim) {
  const video = useRef<HTMLVideoElement | null>(null);
  const kept = useRef(trim);
  kept.current = trim;
  const listening = useRef<AbortController | null>(null);
  useEffect(() => () => listening.current?.abort(), []);

  const onVideo = useCallback((element: HTMLVideoElement | null) => {
    listening.current?.abort();
    video.current = element;
    if (!element) return;
    const mine = new AbortController();
    listening.current = mine;
    const { signal } = mine;
    const isOutside = () => {
      const { startS, endS } = kept.current;
      return element.currentTime < startS || element.currentTime >= endS - END_SLACK_S;
    };
    const begin = () => {
      if (isOutside()) element.currentTime = kept.current.startS;
    };
    const watch = () => {
      if (!element.paused && element.currentTime >= kept.current.endS) element.pause();
    };
    element.addEventListener("play", begin, { signal });
    element.addEventListener("timeupdate", watch, { signal });
  }, []);

  const show = useCallback((atS: number) => {
    if (!video.current) return;
    video.current.pause();
    video.current.currentTime = atS;
  }, []);
  return { onVideo, show };
}
