/** Which browser runs the tests, and how it is started. */

import { accessSync, constants } from "node:fs";

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The path of a Chromium: `CHROMIUM`, else a usual place, else null. */
export function findChromium(): string | null {
  const wanted = process.env.CHROMIUM;
  const places = wanted ? [wanted] : USUAL_PLACES;
  return places.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Flags for a browser without a screen, a network or real devices: a WAV speaks, a Y4M is seen. */
export function chromiumArguments(microphone: string, camera: string): string[] {
  return [
    ...QUIET,
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-audio-capture=${microphone}`,
    `--use-file-for-fake-video-capture=${camera}`,
  ];
}

/** The flags that have nothing to do with the microphone. */
export const QUIET = [
  "--no-sandbox", // test machines and containers run as root
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
