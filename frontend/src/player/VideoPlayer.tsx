/** The player in the app: the same one that recipients get, under React's life cycle. */

import { useEffect, useRef } from "react";
import { type PlayerLocale, playerLabels } from "./labels";
import { type Aspect, createPlayer } from "./player";
import "./player.css";

export interface VideoPlayerProps {
  src: string;
  poster?: string | null;
  captions?: string | null;
  captionsLanguage?: string | null;
  title: string;
  aspect: Aspect;
  durationS?: number | null;
  locale: PlayerLocale;
  onGone?: () => void;
  /** The element itself, for a page that shows what a change does to it; null when it goes. */
  onVideo?: (video: HTMLVideoElement | null) => void;
}

export function VideoPlayer(props: VideoPlayerProps) {
  const { src, poster, captions, captionsLanguage, title, aspect, durationS, locale } = props;
  const host = useRef<HTMLDivElement>(null);
  const onGone = useRef(props.onGone);
  onGone.current = props.onGone;
  const onVideo = useRef(props.onVideo);
  onVideo.current = props.onVideo;

  useEffect(() => {
    if (!host.current) return;
    const player = createPlayer(host.current, {
      src,
      poster,
      captions,
      captionsLanguage,
      title,
      aspect,
      durationS,
      labels: playerLabels[locale],
      onGone: () => onGone.current?.(),
    });
    onVideo.current?.(player.video);
    return () => {
      onVideo.current?.(null);
      player.destroy();
    };
  }, [src, poster, captions, captionsLanguage, title, aspect, durationS, locale]);

  return <div ref={host} />;
}
