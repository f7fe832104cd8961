/** Plays of a video just the sentences in which something personal stands. */

import { useCallback, useEffect, useRef, useState } from "react";
import type { CampaignRow } from "../../lib/api";

export type Span = CampaignRow["spans"][number];
/** A breath before and after, so that nothing is cut off. */
const BREATH_S = 0.15;

/** The place to go on at from `now`: itself within a span, the next one's begin, null at the end. */
export function nextPlace(spans: readonly Span[], now: number): number | null {
  const span = spans.find(({ end_s }) => now < end_s + BREATH_S);
  return span ? Math.max(now, span.start_s - BREATH_S, 0) : null;
}

export interface SpanSound {
  /** The row that is heard. */
  playing: string | null;
  toggle: (row: CampaignRow, onProblem: (error: unknown) => void) => void;
}

/** One row at a time; a new one stops the one before. */
export function useSpanSound(): SpanSound {
  const [playing, setPlaying] = useState<string | null>(null);
  const running = useRef<HTMLAudioElement | null>(null);
  const stop = useCallback(() => {
    running.current?.pause();
    running.current = null;
    setPlaying(null);
  }, []);
  useEffect(() => stop, [stop]);

  const toggle = useCallback<SpanSound["toggle"]>(
    (row, onProblem) => {
      const isSame = running.current?.dataset.row === row.id;
      stop();
      if (isSame || !row.video_url) return;
      const audio = new Audio(row.video_url);
      audio.dataset.row = row.id;
      running.current = audio;
      setPlaying(row.id);
      const finish = () => {
        if (running.current === audio) stop();
      };
      audio.onloadedmetadata = () => {
        audio.currentTime = nextPlace(row.spans, 0) ?? 0;
      };
      audio.ontimeupdate = () => {
        if (audio.seeking || row.spans.length === 0) return;
        const place = nextPlace(row.spans, audio.currentTime);
        if (place === null) finish();
        else if (place > audio.currentTime) audio.currentTime = place;
      };
      audio.onended = finish;
      audio.play().catch((error: unknown) => {
        if (running.current !== audio) return;
        finish();
        onProblem(error);
      });
    },
    [stop],
  );
  return { playing, toggle };
}
