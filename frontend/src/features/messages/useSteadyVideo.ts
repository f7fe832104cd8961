/** Which version of a video is played: the better one when it is there, but never under a viewer. */

import { useCallback, useEffect, useRef, useState } from "react";
import type { Message } from "../../lib/api";

export type PlayedVideo = Pick<
  Message,
  "poster_url" | "captions_url" | "duration_s" | "video_url" | "stream_url"
> & { src: string | null };

/** The recording itself until the MP4 is made. */
export function playedOf(message: Message): PlayedVideo {
  const { poster_url, captions_url, duration_s, video_url, stream_url } = message;
  const src = video_url ?? stream_url;
  return { src, poster_url, captions_url, duration_s, video_url, stream_url };
}

/** Whether somebody is in the middle of it, playing or paused. */
const isWatched = (video: HTMLVideoElement | null): boolean =>
  video !== null && !video.ended && (!video.paused || video.currentTime > 0);

export function useSteadyVideo(message: Message) {
  const best = playedOf(message);
  const [played, setPlayed] = useState(best);
  const newest = useRef(best);
  newest.current = best;
  const video = useRef<HTMLVideoElement | null>(null);
  const isSame = JSON.stringify(best) === JSON.stringify(played);

  useEffect(() => {
    if (isSame) return;
    const element = video.current;
    const change = () => setPlayed(newest.current);
    if (!isWatched(element)) return change();
    element?.addEventListener("ended", change, { once: true });
    return () => element?.removeEventListener("ended", change);
  }, [isSame]);
  const onVideo = useCallback((element: HTMLVideoElement | null) => {
    video.current = element;
  }, []);
  return { played, onVideo };
}
