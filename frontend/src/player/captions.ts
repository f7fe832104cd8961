/**
 * Captions from a `<track>`, drawn by us above the controls.
 *
 * The browser reads the file and says which cues are active; it draws them itself only where our
 * own layer cannot be seen: the phone's native full screen and picture in picture.
 */

import { element } from "./elements";

export interface Captions {
  readonly layer: HTMLElement;
  isOn(): boolean;
  setOn(isOn: boolean): void;
  /** Let the browser draw (true) or draw ourselves (false). */
  setNative(isNative: boolean): void;
  onUnavailable(listener: () => void): void;
}

/** A cue's plain words: its markup (voices, classes) is dropped, its line breaks stay. */
export function cueText(cue: TextTrackCue): string {
  const styled = cue as VTTCue;
  if (typeof styled.getCueAsHTML === "function") return styled.getCueAsHTML().textContent ?? "";
  return styled.text ?? "";
}

function draw(layer: HTMLElement, cues: Iterable<TextTrackCue>): void {
  const lines = [...cues].map((cue) => element("p", {}, element("span", {}, cueText(cue))));
  layer.replaceChildren(...lines);
}

/** Attach the captions at `src` to `video`; they start switched on. */
export function attachCaptions(
  video: HTMLVideoElement,
  src: string,
  language: string,
  label: string,
): Captions {
  const layer = element("div", { class: "vm-captions", lang: language });
  const track = element("track", { kind: "captions", src, srclang: language, label });
  let isOn = true;
  let isNative = false;
  const apply = (): void => {
    // Safari also lists the MP4's own caption track: two layers would say everything twice.
    for (const other of video.textTracks) {
      if (other !== track.track && other.mode !== "disabled") other.mode = "disabled";
    }
    const mode = !isOn ? "disabled" : isNative ? "showing" : "hidden";
    if (track.track.mode !== mode) track.track.mode = mode;
    layer.hidden = !isOn || isNative;
  };
  video.append(track);
  track.track.addEventListener("cuechange", () => draw(layer, track.track.activeCues ?? []));
  video.textTracks.addEventListener?.("addtrack", apply);
  apply();
  return {
    layer,
    isOn: () => isOn,
    setOn: (wanted) => {
      isOn = wanted;
      apply();
      draw(layer, track.track.activeCues ?? []);
    },
    setNative: (wanted) => {
      isNative = wanted;
      apply();
    },
    onUnavailable(listener) {
      track.addEventListener("error", listener);
      // Nothing was said: there is nothing to switch on.
      track.addEventListener("load", () => {
        if (track.track.cues?.length === 0) listener();
      });
    },
  };
}
