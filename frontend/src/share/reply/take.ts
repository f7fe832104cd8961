/** One recording of a reply: the open microphone (and camera), the recorder, and what came of it. */

import type { Obstacle } from "./texts";

export type Medium = "voice" | "video";

export interface Take {
  file: Blob;
  /** The type without codecs, as the server wants it named. */
  type: string;
  durationS: number;
}

/** As long as the server takes. */
export const LONGEST_S = 180;

const TYPES: Record<Medium, string[]> = {
  voice: ["audio/webm;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/ogg"],
  video: [
    "video/webm;codecs=vp8,opus",
    "video/webm",
    "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
    "video/mp4",
  ],
};
/** A face at this rate is 60 MB in the longest reply. */
const RATES = { audioBitsPerSecond: 96_000, videoBitsPerSecond: 2_500_000 };
/** Safari needs at least a second. */
const SLICE_MS = 1000;

/** The type to record in, or "" for the browser's own choice. */
export function typeFor(
  medium: Medium,
  isSupported: (type: string) => boolean,
  isApple: boolean,
): string {
  // Safari writes WebM as well by now, and its MP4 is the one that has proved itself.
  const known = TYPES[medium];
  const wanted = isApple ? known.toSorted((one, other) => rank(one) - rank(other)) : known;
  return wanted.find(isSupported) ?? "";
}

const rank = (type: string): number => (type.includes("mp4") ? 0 : 1);

/** Why camera or microphone did not open, by the error of getUserMedia. */
export function obstacleOf(error: unknown): Obstacle {
  const name = error instanceof DOMException || error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "no_device";
  return "busy";
}

export interface Taking {
  readonly stream: MediaStream;
  begin(): void;
  /** Seconds since `begin`. */
  elapsedS(): number;
  /** End it; resolves to what was recorded, or null where that is nothing. */
  stop(): Promise<Take | null>;
  /** Let go of everything; nothing is kept. */
  discard(): void;
}

/** Open the devices. `onLost` follows when one of them goes away in the middle. */
export async function openTaking(medium: Medium, onLost: () => void): Promise<Taking> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: true, // with the browser's own echo cancellation: this is talk, no voice sample
    video: medium === "video" && {
      facingMode: "user",
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 30 },
    },
  });
  for (const track of stream.getTracks()) track.addEventListener("ended", onLost, { once: true });
  return takingFrom(stream, medium);
}

function takingFrom(stream: MediaStream, medium: Medium): Taking {
  const isApple = navigator.vendor.startsWith("Apple");
  const mimeType = typeFor(medium, (type) => MediaRecorder.isTypeSupported(type), isApple);
  const recorder = new MediaRecorder(stream, { ...(mimeType ? { mimeType } : {}), ...RATES });
  const pieces: Blob[] = [];
  let begunMs = 0;
  let durationS = 0;
  const elapsedS = (): number => (begunMs > 0 ? (performance.now() - begunMs) / 1000 : 0);
  const close = (): void => {
    for (const track of stream.getTracks()) track.stop();
  };
  recorder.addEventListener("dataavailable", (event) => {
    if (event.data.size > 0) pieces.push(event.data);
  });
  const ended = new Promise<void>((resolve) =>
    recorder.addEventListener("stop", () => resolve(), { once: true }),
  );
  return {
    stream,
    elapsedS,
    begin() {
      recorder.start(SLICE_MS);
      begunMs = performance.now();
    },
    async stop() {
      durationS ||= elapsedS();
      if (recorder.state !== "inactive") recorder.stop();
      await ended;
      close();
      if (pieces.length === 0) return null;
      const type = (recorder.mimeType || mimeType).split(";")[0] || `${kindOf(medium)}/webm`;
      return { file: new Blob(pieces, { type }), type, durationS };
    },
    discard() {
      if (recorder.state !== "inactive") recorder.stop();
      close();
    },
  };
}

/** The kind of upload that a medium is sent as. */
export const kindOf = (medium: Medium): "audio" | "video" =>
  medium === "voice" ? "audio" : "video";

/** Keep the screen on while recording, where the browser can; the answer lets it go. */
export function keepAwake(): () => void {
  const held = navigator.wakeLock?.request("screen").catch(() => null);
  return () => void held?.then((lock) => lock?.release());
}
