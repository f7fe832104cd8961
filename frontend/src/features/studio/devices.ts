/** How the studio asks for a camera and a microphone, and what it records in. */

import type { Choice, Device } from "../../lib/devices";

/**
 * What to ask the browser for. A chosen device is demanded, because Chromium does not heed the mere
 * wish for one; whoever asks must do without it where it is not there today. Echo cancellation is
 * off, because nobody else is heard meanwhile.
 */
export function constraintsFor(choice: Choice): MediaStreamConstraints {
  const camera = choice.camera
    ? { deviceId: { exact: choice.camera.deviceId } }
    : { facingMode: { ideal: choice.facing } };
  return {
    video: {
      ...camera,
      width: { ideal: 1280 },
      height: { ideal: 720 },
      frameRate: { ideal: 30, max: 60 },
    },
    audio: {
      ...(choice.microphone ? { deviceId: { exact: choice.microphone.deviceId } } : {}),
      echoCancellation: false,
      noiseSuppression: true,
      autoGainControl: true,
    },
  };
}

/** The camera after this one, for the button that turns a phone's camera round. */
export function nextCamera<Known extends Device>(
  current: string | undefined,
  cameras: readonly Known[],
): Known | null {
  const place = cameras.findIndex((camera) => camera.deviceId === current);
  return cameras[(place + 1) % cameras.length] ?? null;
}

const WEBM = ["video/webm;codecs=vp8,opus", "video/webm;codecs=vp9,opus", "video/webm"];
const MP4 = ["video/mp4;codecs=avc1.42E01F,mp4a.40.2", "video/mp4"];

/**
 * The type to record in. Safari writes sound MP4 and, lately, poor WebM; the others write WebM that
 * can be played up to any byte at which a crash may cut it.
 */
export function recordingType(
  isSupported: (type: string) => boolean,
  isSafari: boolean,
): string | null {
  const wished = isSafari ? [...MP4, ...WEBM] : [...WEBM, ...MP4];
  return wished.find(isSupported) ?? null;
}

/** Safari and every browser of an iPhone: only theirs know gestures as events. */
export const isSafari = (): boolean => "GestureEvent" in window;
