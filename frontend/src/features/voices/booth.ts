/** The recording booth: a script is read sentence by sentence, and each is judged and kept at once. */

import { type CaptureFailure, failureOf, obstacle } from "../../lib/capture";
import { isDiskFull } from "../../lib/database";
import {
  type Chance,
  type Device,
  isWorthATry,
  rememberChoice,
  rememberedChoice,
  watchForChance,
} from "../../lib/devices";
import {
  dropSample,
  keepSentence,
  type SpooledSentence,
  spooledSentences,
} from "../../lib/sentences";
import {
  type Flaw,
  flawOf,
  type Heard,
  hear,
  isNoisyRoom,
  joinSentences,
  peakOf,
  spoken_s,
} from "./hearing";
import { Microphone } from "./microphone";
import { readingTime_s, scriptOf } from "./scripts";
import { decodeWav, encodeWav, joinBlocks, type Sound, WAV_TYPE } from "./wav";

/** A sentence that was read aloud. */
export interface Sentence {
  sound: Sound;
  heard: Heard;
  flaw: Flaw | null;
  /** Milliseconds since the epoch. */
  recordedMs: number;
}

export type Sentences = readonly (Sentence | null)[];

export type Phase =
  /** The microphone is off. */
  | "rest"
  | "asking"
  | "blocked"
  | "ready"
  /** Half a second in which the room is heard. */
  | "hush"
  | "recording"
  /** The last syllable is waited for. */
  | "stopping"
  | "heard";

/** What happened to a recording without the speaker's doing. */
export type Mishap = "lost" | "interrupted" | "silent" | "limit";

/** Whether the device keeps the sentences: its disk may be full, or there may be no database. */
export type Keeping = "kept" | "full" | "unavailable";

export interface BoothView {
  /** What lay on this device has been read. */
  isLoaded: boolean;
  phase: Phase;
  failure: CaptureFailure | null;
  mishap: Mishap | null;
  script: readonly string[];
  /** The sentence on the stage; null before the first and after the last. */
  place: number | null;
  sentences: Sentences;
  /** What the last recording has replaced. */
  before: Sentence | null;
  /** Whole seconds of the recording that is going on. */
  elapsed_s: number;
  /** Found in the half second before the speech. */
  isRoomNoisy: boolean;
  keeping: Keeping;
  microphones: readonly Device[];
  microphoneId: string | undefined;
}

/** So much voice is enough for a good profile. */
export const ENOUGH_S = 10;
const HUSH_S = 0.5;
/** Fingers are quicker than the last syllable. */
const TAIL_S = 0.2;
/** A microphone that falls silent altogether must not keep the booth waiting. */
const TAIL_AT_MOST_MS = 800;
const LONGEST_S = 25;
/** Slow enough that the words about it do not flicker between two syllables. */
const FALL_DB_A_SECOND = 8;

/** The next sentence after `place` that is not there yet, from the beginning again; null at the end. */
export function nextPlace(sentences: Sentences, place: number): number | null {
  const missing = sentences.flatMap((sentence, at) => (sentence ? [] : [at]));
  return missing.find((at) => at > place) ?? missing[0] ?? null;
}

export const readIn = (sentences: Sentences): Sentence[] =>
  sentences.filter((sentence) => sentence !== null);

/** Seconds of speech in all. */
export const speech_s = (sentences: Sentences): number =>
  readIn(sentences).reduce((sum, { heard }) => sum + spoken_s(heard), 0);

export const isEnough = (sentences: Sentences): boolean =>
  sentences.every((sentence) => sentence !== null) || speech_s(sentences) >= ENOUGH_S;

/** The sentences as one file; its date is the newest's, by which a broken upload is found again. */
export function sampleFile(sentences: Sentences): File | null {
  const read = readIn(sentences);
  if (read.length === 0) return null;
  const lastModified = Math.max(...read.map(({ recordedMs }) => recordedMs));
  const wav = encodeWav(joinSentences(read));
  return new File([wav], "voice-sample.wav", { type: WAV_TYPE, lastModified });
}

/** What of `spooled` belongs to this script as it is today. */
export function sentencesOf(
  script: readonly string[],
  language: string,
  spooled: readonly SpooledSentence[],
): Sentences {
  return script.map((text, place) => {
    const kept = spooled.find(
      (one) => one.language === language && one.place === place && one.text === text,
    );
    return kept ? judged(decodeWav(kept.wav), text, language, kept.recordedMs) : null;
  });
}

function judged(sound: Sound, text: string, language: string, recordedMs: number): Sentence {
  const heard = hear(sound);
  return { sound, heard, flaw: flawOf(heard, readingTime_s(text, language)), recordedMs };
}

export interface Level {
  /** Peak of the newest block, in dB of full scale. */
  level_db: number;
  /** The highest peak, slowly forgotten. */
  loudest_db: number;
}

const SILENCE: Level = { level_db: -60, loudest_db: -60 };

/** What is being recorded. */
interface Take {
  blocks: Float32Array[];
  samples: number;
}

export class Booth {
  private microphone: Microphone | null = null;
  private take: Take | null = null;
  /** Counts the openings: only the newest may bring its microphone. */
  private opening = 0;
  private writing: Promise<void> = Promise.resolve();
  private tail: ReturnType<typeof setTimeout> | undefined;
  /** In samples, once the recording has been told to stop. */
  private endsAt = 0;
  private levelNow = SILENCE;
  private readonly listeners = new Set<() => void>();
  private readonly levelListeners = new Set<() => void>();
  private stopListening: () => void = () => undefined;
  private view: BoothView;

  constructor(
    private readonly accountId: string,
    readonly language: string,
  ) {
    const script = scriptOf(language);
    this.view = {
      isLoaded: false,
      phase: "rest",
      failure: null,
      mishap: null,
      script,
      place: null,
      sentences: script.map(() => null),
      before: null,
      elapsed_s: 0,
      isRoomNoisy: false,
      keeping: "kept",
      microphones: [],
      microphoneId: undefined,
    };
  }

  readonly snapshot = (): BoothView => this.view;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly level = (): Level => this.levelNow;
  readonly subscribeLevel = (listener: () => void): (() => void) => {
    this.levelListeners.add(listener);
    return () => this.levelListeners.delete(listener);
  };

  /** Read what lies on this device, and listen to the browser until the page is left. */
  enter(): void {
    const listening = new AbortController();
    const { signal } = listening;
    const stopChances = watchForChance(["microphone"], (why) => this.tryAgain(why));
    addEventListener("beforeunload", (event) => this.isAtRisk && event.preventDefault(), {
      signal,
    });
    this.stopListening = () => {
      listening.abort();
      stopChances();
    };
    void this.load();
  }

  /** The page is left: what was read is offered at the next visit. */
  leave(): void {
    this.stopListening();
    this.rest();
  }

  /** Turn the microphone off; what was read stays. */
  rest(): void {
    this.breakOff();
    this.opening += 1;
    this.microphone?.close();
    this.microphone = null;
    this.show({ phase: "rest", place: null, failure: null, mishap: null, before: null });
  }

  /** Put a sentence on the stage, and turn the microphone on for it. */
  go(place: number): void {
    this.breakOff();
    this.show({ place, mishap: null, before: null, failure: null });
    if (this.microphone) this.show({ phase: "ready" });
    else void this.open();
  }

  /** Go on with the first sentence that is missing. */
  begin(): void {
    this.go(nextPlace(this.view.sentences, -1) ?? 0);
  }

  /** The next sentence that is missing; after the last one the microphone goes off. */
  next(): void {
    const place = nextPlace(this.view.sentences, this.view.place ?? -1);
    if (place === null) this.rest();
    else this.go(place);
  }

  record(): void {
    const { microphone } = this;
    if (!microphone) {
      void this.open();
      return;
    }
    microphone.wake();
    this.take = { blocks: [], samples: 0 };
    const fresh = { mishap: null, before: null, elapsed_s: 0, isRoomNoisy: false };
    this.show({ phase: "hush", ...fresh });
  }

  stop(): void {
    const { take, microphone } = this;
    if (!take || !microphone || this.view.phase === "stopping") return;
    this.show({ phase: "stopping" });
    clearTimeout(this.tail);
    this.tail = setTimeout(() => this.finish(null), TAIL_AT_MOST_MS);
    this.endsAt = take.samples + TAIL_S * microphone.sampleRateHz;
  }

  /** What the one big button does now. */
  toggle(): void {
    const { phase } = this.view;
    if (phase === "hush" || phase === "recording") this.stop();
    else if (phase === "ready" || phase === "heard" || phase === "blocked") this.record();
  }

  /** Bring back what the last recording has replaced. */
  undo(): void {
    const { before, place } = this.view;
    if (!before || place === null) return;
    this.put(place, before);
    this.show({ before: null, mishap: null });
  }

  chooseMicrophone(microphone: Device): void {
    rememberChoice({ ...rememberedChoice(), microphone });
    void this.open();
  }

  /** Delete what was read of this script, here and in the browser's database. */
  async forget(): Promise<void> {
    this.rest();
    this.show({ sentences: this.view.script.map(() => null) });
    this.queue(() => dropSample(this.accountId, this.language));
    await this.writing;
  }

  // --- the microphone -------------------------------------------------------------------------

  private async open(): Promise<void> {
    const hindrance = canTap() ? obstacle() : "unsupported";
    if (hindrance) return this.refuse(hindrance);
    this.opening += 1;
    const mine = this.opening;
    this.take = null;
    this.microphone?.close();
    this.microphone = null;
    this.levelNow = SILENCE;
    this.show({ phase: "asking", failure: null });
    try {
      const opened = await Microphone.open(rememberedChoice().microphone, {
        onBlock: (block) => mine === this.opening && this.hearBlock(block),
        onLost: () => mine === this.opening && this.lose(),
        onMuted: (isMuted) => mine === this.opening && isMuted && this.interrupt(),
      });
      if (mine !== this.opening) return opened.close();
      this.microphone = opened;
      this.show({ phase: "ready", microphones: opened.known, microphoneId: opened.id });
    } catch (error) {
      if (mine === this.opening) this.refuse(failureOf(error));
    }
  }

  private refuse(failure: CaptureFailure): void {
    this.show({ phase: "blocked", failure });
  }

  private tryAgain(why: Chance): void {
    const { phase, failure } = this.view;
    if (phase === "blocked" && isWorthATry(failure, why)) void this.open();
  }

  private lose(): void {
    this.opening += 1;
    if (this.take) this.finish("lost");
    else if (this.view.phase !== "heard") this.refuse("lost");
    this.microphone?.close();
    this.microphone = null;
  }

  private interrupt(): void {
    if (this.take) this.finish("interrupted");
  }

  // --- the recording --------------------------------------------------------------------------

  private hearBlock(block: Float32Array): void {
    this.tellLevel(block);
    const { take, microphone } = this;
    if (!take || !microphone) return;
    take.blocks.push(block);
    take.samples += block.length;
    const length_s = take.samples / microphone.sampleRateHz;
    const { phase, elapsed_s } = this.view;
    if (phase === "hush" && length_s >= HUSH_S) this.listenToRoom(take, microphone.sampleRateHz);
    else if (phase === "stopping" && take.samples >= this.endsAt) this.finish(null);
    else if (length_s >= LONGEST_S) this.finish("limit");
    else if (Math.floor(length_s) > elapsed_s) this.show({ elapsed_s: Math.floor(length_s) });
  }

  private listenToRoom(take: Take, sampleRateHz: number): void {
    const isRoomNoisy = isNoisyRoom(joinBlocks(take.blocks, sampleRateHz)) === true;
    this.show({ phase: "recording", isRoomNoisy });
  }

  /** The recording is over: judge it, and keep it unless nothing was said. */
  private finish(mishap: Mishap | null): void {
    clearTimeout(this.tail);
    const { take, microphone } = this;
    const { place, script, sentences } = this.view;
    this.take = null;
    if (!take || !microphone || place === null) return;
    const sound = joinBlocks(take.blocks, microphone.sampleRateHz);
    const read = judged(sound, script[place] ?? "", this.language, Date.now());
    if (read.flaw === "silent") {
      if (mishap === "lost") this.refuse("lost");
      else this.show({ phase: "heard", mishap: "silent" });
      return;
    }
    const before = sentences[place] ?? null;
    this.put(place, read);
    this.show({ phase: "heard", mishap, before });
  }

  private put(place: number, sentence: Sentence): void {
    const { script, sentences } = this.view;
    this.show({ sentences: sentences.map((old, at) => (at === place ? sentence : old)) });
    const { accountId, language } = this;
    const { sound, recordedMs } = sentence;
    const text = script[place] ?? "";
    this.queue(() =>
      keepSentence({ accountId, language, place, text, wav: encodeWav(sound), recordedMs }),
    );
  }

  /** Somebody turns away while reading: half a sentence is kept where there is no whole one. */
  private breakOff(): void {
    const { place, sentences } = this.view;
    if (this.take && place !== null && !sentences[place]) this.finish(null);
    this.take = null;
    clearTimeout(this.tail);
  }

  private async load(): Promise<void> {
    const spooled = await spooledSentences(this.accountId).catch(() => []);
    const kept = sentencesOf(this.view.script, this.language, spooled);
    // What has been read meanwhile is newer.
    const sentences = this.view.sentences.map((read, place) => read ?? kept[place] ?? null);
    this.show({ isLoaded: true, sentences });
  }

  private queue(write: () => Promise<void>): void {
    this.writing = this.writing.then(write).catch((error) => {
      this.show({ keeping: isDiskFull(error) ? "full" : "unavailable" });
    });
  }

  private get isAtRisk(): boolean {
    const { keeping, sentences } = this.view;
    return this.take !== null || (keeping !== "kept" && readIn(sentences).length > 0);
  }

  // --- what is shown --------------------------------------------------------------------------

  private tellLevel(block: Float32Array): void {
    const block_s = block.length / (this.microphone?.sampleRateHz ?? block.length);
    const level_db = 20 * Math.log10(Math.max(peakOf(block), 0.001));
    const loudest_db = Math.max(level_db, this.levelNow.loudest_db - FALL_DB_A_SECOND * block_s);
    this.levelNow = { level_db, loudest_db };
    for (const listener of this.levelListeners) listener();
  }

  private show(changes: Partial<BoothView>): void {
    this.view = { ...this.view, ...changes };
    for (const listener of this.listeners) listener();
  }
}

const canTap = (): boolean => typeof AudioWorkletNode !== "undefined" || !window.isSecureContext;
