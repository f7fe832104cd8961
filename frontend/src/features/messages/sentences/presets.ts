/** Ways of saying a sentence that have a name. They change tempo, pitch and volume: nobody acts. */

import type { Manner } from "./delivery";

export type PresetName = "calm" | "bright" | "serious" | "slow" | "lively";

export const PRESETS: Record<PresetName, Manner> = {
  calm: { speed: 0.9, pitch: -1, intonation: 0.8, volume: 0.9 },
  bright: { speed: 1.05, pitch: 1.5, intonation: 1.2, volume: 1.1 },
  serious: { speed: 0.9, pitch: -2, intonation: 0.7, volume: 1 },
  slow: { speed: 0.75, pitch: 0, intonation: 1.1, volume: 1.1 },
  lively: { speed: 1.2, pitch: 1, intonation: 1.5, volume: 1.1 },
};
