/**
 * What a spoken sentence sounds like: its level, its noise, its clipped samples and its length, by
 * the measures of the speech service, whose own verdict on the whole sample decides in the end.
 */

import { atRate, duration_s, joinBlocks, type Sound, stretchOf } from "./wav";

export interface Heard {
  /** Mean level of what is spoken. */
  level_dbfs: number;
  /** Loud speech over the quietest fifth of a second. */
  snr_db: number;
  /** Share of the samples that lie on a flat top. */
  clippedFraction: number;
  /** Where the speech begins and ends; alike where all is silent. */
  start_s: number;
  end_s: number;
}

/** What is wrong with a sentence, the gravest first. */
export type Flaw = "silent" | "loud" | "short" | "quiet" | "noisy" | "long";

const FRAME_S = 0.02;
const FLOOR_DBFS = -100;
const SILENT_DBFS = -55;
const QUIETEST_FRAMES = 10;
/** Frames in a row that are speech; fewer are a click. */
const SHORTEST_SOUND = 3;
/** The service calls a voice faint below -38 dBFS, and a room quiet from 24 dB on. */
const QUIET_DBFS = -36;
const NOISY_DB = 20;
const CLIPPED_FRACTION = 0.001;
/** Slower and quicker than anybody reads. */
const SHORT = 0.45;
const LONG = 3;
/** A room that can be heard, and what is too loud to be a room: somebody has begun to read. */
const AUDIBLE_ROOM_DBFS = -45;
const SPOKEN_DBFS = -30;

/** Half of the pause between two sentences, out of the room's own sound. */
const MARGIN_S = 0.15;

export function hear(sound: Sound): Heard {
  const levels = levelsOf(sound);
  const isSpeech = speechOf(levels);
  const first = isSpeech.indexOf(true);
  const last = isSpeech.lastIndexOf(true);
  return {
    level_dbfs: meanLevel(levels.filter((_, frame) => isSpeech[frame])),
    snr_db: signalToNoise(levels),
    clippedFraction: clippedFraction(sound.samples),
    start_s: Math.max(0, first) * FRAME_S,
    end_s: Math.min((last + 1) * FRAME_S, duration_s(sound)),
  };
}

export const spoken_s = ({ start_s, end_s }: Heard): number => end_s - start_s;

/** What is wrong first of all with a sentence that takes about `expected_s` to read. */
export function flawOf(heard: Heard, expected_s: number): Flaw | null {
  const length_s = spoken_s(heard);
  if (length_s === 0) return "silent";
  if (heard.clippedFraction >= CLIPPED_FRACTION) return "loud";
  if (length_s < SHORT * expected_s) return "short";
  if (heard.level_dbfs < QUIET_DBFS) return "quiet";
  if (heard.snr_db < NOISY_DB) return "noisy";
  return length_s > LONG * expected_s ? "long" : null;
}

/** Whether a room is noisy, by a moment of its silence; null where somebody speaks already. */
export function isNoisyRoom(moment: Sound): boolean | null {
  const levels = levelsOf(moment).sort((one, other) => one - other);
  const middle = levels[Math.floor(levels.length / 2)] ?? FLOOR_DBFS;
  if (middle > SPOKEN_DBFS) return null;
  return middle > AUDIBLE_ROOM_DBFS;
}

/**
 * Sentences one after another, about 0.3 s apart. The pause is the room's own sound, where it was
 * recorded: digital silence would make the room look quieter than it is.
 */
export function joinSentences(sentences: readonly { sound: Sound; heard: Heard }[]): Sound {
  const rate = sentences[0]?.sound.sampleRateHz ?? 48_000;
  const spoken = sentences.map(({ sound, heard }) =>
    atRate(stretchOf(sound, heard.start_s - MARGIN_S, heard.end_s + MARGIN_S), rate),
  );
  return joinBlocks(
    spoken.map((sound) => sound.samples),
    rate,
  );
}

/** RMS of each frame of 20 ms, in dB of full scale. */
function levelsOf({ samples, sampleRateHz }: Sound): number[] {
  const frame = Math.round(FRAME_S * sampleRateHz);
  const levels: number[] = [];
  for (let start = 0; start + frame <= samples.length; start += frame) {
    let power = 0;
    for (const sample of samples.subarray(start, start + frame)) power += sample * sample;
    levels.push(Math.max(FLOOR_DBFS, 10 * Math.log10(power / frame + 1e-12)));
  }
  return levels;
}

/** Which frames are speech, by level alone: well above the quietest, not far below the loudest. */
function speechOf(levels: readonly number[]): boolean[] {
  const sorted = levels.toSorted((one, other) => one - other);
  const loud = percentile(sorted, 95);
  const quiet = percentile(sorted, 5);
  let floor = Math.max(SILENT_DBFS, loud - 35);
  // Otherwise there is no pause to learn the room from.
  if (loud - quiet > 15) floor = Math.max(floor, Math.min(quiet + 6, loud - 12));
  return withoutClicks(levels.map((level) => level > floor));
}

function withoutClicks(isSpeech: readonly boolean[]): boolean[] {
  const kept = isSpeech.map(() => false);
  for (let start = 0; start < isSpeech.length; start += 1) {
    let end = start;
    while (isSpeech[end]) end += 1;
    if (end - start >= SHORTEST_SOUND) kept.fill(true, start, end);
    start = end;
  }
  return kept;
}

function signalToNoise(levels: readonly number[]): number {
  const sorted = levels.toSorted((one, other) => one - other);
  const loud = meanLevel(sorted.slice(Math.floor(sorted.length * 0.6)));
  // A fixed stretch, not a tenth: whoever reads long and pauses little is in no noisy room.
  const noise = meanLevel(sorted.slice(0, QUIETEST_FRAMES));
  return loud - noise;
}

/**
 * Samples in flat tops, of all: three or more in a row next to the recording's own peak. Below full
 * scale a top is flat only where far more lies on it than just beneath: a hum is round, not cut off.
 */
function clippedFraction(samples: Float32Array): number {
  const peak = peakOf(samples);
  if (peak < 0.05) return 0;
  let clipped = 0;
  let beneath = 0;
  let run = 0;
  for (let at = 0; at <= samples.length; at += 1) {
    const height = Math.abs(samples[at] ?? 0) / peak;
    if (height >= 0.98) run += 1;
    else {
      if (run >= 3) clipped += run;
      if (height >= 0.94) beneath += 1;
      run = 0;
    }
  }
  const isFlat = peak >= 0.98 || clipped > 3 * beneath;
  return isFlat ? clipped / samples.length : 0;
}

export const peakOf = (samples: Float32Array): number =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

function meanLevel(levels: readonly number[]): number {
  if (levels.length === 0) return FLOOR_DBFS;
  const power = levels.reduce((sum, level) => sum + 10 ** (level / 10), 0) / levels.length;
  return 10 * Math.log10(power);
}

const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.round(((sorted.length - 1) * percent) / 100)] ?? FLOOR_DBFS;
