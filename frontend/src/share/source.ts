/** Which file of a message to play: the stream at once, the finished video as soon as it is there. */

export type Phase = "processing" | "ready" | "failed";

/** How far a message is, as the page's facts and `/state` tell it. */
export interface Making {
  phase: Phase;
  /** 0..100 while the message is being made. */
  percent: number | null;
  video_url: string | null;
  stream_url: string | null;
  stream_type: string | null;
  duration_s: number | null;
}

export interface Source {
  kind: "video" | "stream";
  url: string;
}

/**
 * The file to play now, or null while there is none for this browser.
 *
 * canPlay: what `HTMLMediaElement.canPlayType` says; "" is no.
 * isStreamBroken: the browser had promised to play the stream, and could not.
 */
export function chooseSource(
  making: Making,
  canPlay: (type: string) => string,
  isStreamBroken: boolean,
): Source | null {
  if (making.video_url) return { kind: "video", url: making.video_url };
  const { stream_url, stream_type } = making;
  if (!stream_url || !stream_type || isStreamBroken) return null;
  return canPlay(stream_type) === "" ? null : { kind: "stream", url: stream_url };
}

/**
 * Whether a better file may take the place of the one in the player: never under an active viewer.
 *
 * A viewer who has paused is active, too: they look at the frame they stopped at. Before the first
 * play, after the end and after a failure nobody looks at anything but the poster or the words.
 */
export function mayReplace(playerState: string | undefined): boolean {
  return playerState === "fresh" || playerState === "ended" || playerState === "failed";
}
