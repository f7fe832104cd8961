/** What a recording's picture is like. */

export interface VideoFacts {
  widthPx: number;
  heightPx: number;
  durationS: number;
}

/** The frame that the picture is shown in; what is nearly square is shown as a square. */
export function aspectOf(widthPx: number, heightPx: number): "16:9" | "9:16" | "1:1" {
  const shape = widthPx > 0 && heightPx > 0 ? widthPx / heightPx : 16 / 9;
  if (shape >= 5 / 4) return "16:9";
  return shape <= 4 / 5 ? "9:16" : "1:1";
}

/** Ask the browser about a video; null where it cannot play it. */
export function lookInto(src: string): Promise<VideoFacts | null> {
  return new Promise((resolve) => {
    const video = document.createElement("video");
    video.preload = "metadata";
    video.muted = true;
    const done = (facts: VideoFacts | null) => {
      video.removeAttribute("src");
      video.load();
      resolve(facts);
    };
    video.onloadedmetadata = () => {
      // A recorder does not write how long it has recorded.
      const durationS = Number.isFinite(video.duration) ? video.duration : 0;
      done({ widthPx: video.videoWidth, heightPx: video.videoHeight, durationS });
    };
    video.onerror = () => done(null);
    video.src = src;
  });
}
