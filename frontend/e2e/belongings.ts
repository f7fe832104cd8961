/** What the person in the tests brings along; made by `stack.ts` before the first test. */

import { join } from "node:path";

/** The folder of this run; the configuration names it before anything else happens. */
export const folder = process.env.E2E_FOLDER ?? "";

export const recording = join(folder, "microphone.wav");
export const photo = join(folder, "photo.jpg");
/** Somebody who looks at us, drawn. */
export const portrait = join(folder, "portrait.jpg");
/** A small landscape that a camera saved on its side. */
export const sidewaysPhoto = join(folder, "sideways.jpg");
/** What the fake camera shows, raw; 360p, or frames are dropped. */
export const camera = join(folder, "camera.y4m");
/** A video as somebody would bring it from a phone. */
export const film = join(folder, "film.mp4");

/** About twenty seconds when spoken: enough voice for a profile, in the microphone and as a file. */
export const RECORDED_WORDS =
  "Hello, this is my voice, and I am reading a few sentences so that you can get to know it. " +
  "The weather is lovely today, and the garden behind the house is full of yellow flowers. " +
  "In the afternoon we will take the train to the sea, and bring bread, apples and cheese. " +
  "Thank you for listening to me for such a long time.";
