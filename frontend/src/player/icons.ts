/** The player's own drawings, 24 × 24. */

import { drawing } from "./elements";

export type IconName = keyof typeof shapes;

const shapes = {
  play: ["M8 5.2v13.6c0 .8.9 1.3 1.6.8l10-6.8c.6-.4.6-1.2 0-1.6l-10-6.8c-.7-.5-1.6 0-1.6.8z"],
  pause: ["M7 5h3.5v14H7z", "M13.5 5H17v14h-3.5z"],
  replay: [
    "M12 5V2.2c0-.5-.6-.8-1-.4L6.6 5.6c-.3.3-.3.7 0 1L11 10.2c.4.4 1 .1 1-.4V7a6 6 0 1 1-6 6 1 1 0 1 0-2 0 8 8 0 1 0 8-8z",
  ],
  captions: [
    "M5 4h14a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H5a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3zm0 2a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1V7a1 1 0 0 0-1-1H5z",
    "M6 11h6v2H6zm8 0h4v2h-4zM6 14.5h3v2H6zm5 0h7v2h-7z",
  ],
  sound: [
    "M4 9.5v5c0 .3.2.5.5.5H8l4.2 3.6c.3.3.8.1.8-.4V5.8c0-.5-.5-.7-.8-.4L8 9H4.5c-.3 0-.5.2-.5.5z",
    "M15.5 8.2a1 1 0 0 1 1.4 0 5.4 5.4 0 0 1 0 7.6 1 1 0 1 1-1.4-1.4 3.4 3.4 0 0 0 0-4.8 1 1 0 0 1 0-1.4z",
    "M18.2 5.5a1 1 0 0 1 1.4 0 9.2 9.2 0 0 1 0 13 1 1 0 0 1-1.4-1.4 7.2 7.2 0 0 0 0-10.2 1 1 0 0 1 0-1.4z",
  ],
  muted: [
    "M4 9.5v5c0 .3.2.5.5.5H8l4.2 3.6c.3.3.8.1.8-.4V5.8c0-.5-.5-.7-.8-.4L8 9H4.5c-.3 0-.5.2-.5.5z",
    "M15.3 9.3a1 1 0 0 1 1.4 0L18.5 11l1.8-1.7a1 1 0 0 1 1.4 1.4L19.9 12.5l1.8 1.8a1 1 0 0 1-1.4 1.4l-1.8-1.8-1.8 1.8a1 1 0 0 1-1.4-1.4l1.8-1.8-1.8-1.8a1 1 0 0 1 0-1.4z",
  ],
  pictureInPicture: [
    "M5 4h14a3 3 0 0 1 3 3v10a3 3 0 0 1-3 3H5a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3zm0 2a1 1 0 0 0-1 1v10a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1V7a1 1 0 0 0-1-1H5z",
    "M12 12h6.5v4.5H12z",
  ],
  fullScreen: ["M4 4h6v2H6v4H4zM14 4h6v6h-2V6h-4zM4 14h2v4h4v2H4zM18 14h2v6h-6v-2h4z"],
  leaveFullScreen: ["M8 4h2v6H4V8h4zM14 4h2v4h4v2h-6zM4 14h6v6H8v-4H4zM14 14h6v2h-4v4h-2z"],
} as const;

export function icon(name: IconName): SVGSVGElement {
  return drawing(...shapes[name]);
}
