/** How a sentence is said: what can be set, what is usual, and what belongs to which sentence. */

import type { BaseVoice, Voice } from "../../../lib/api";
import { isBaseVoice } from "../../../lib/previews";
import type { SentenceDelivery } from "../draft";

export type Delivery = Omit<SentenceDelivery, "text">;
export type Control = Exclude<keyof Delivery, "voice">;
/** How it is said, whoever says it. */
export type Saying = Pick<Delivery, Control>;
/** A delivery without the pause, which belongs to what comes after. */
export type Manner = Omit<Saying, "pause_after_s">;

export const USUAL: Delivery = {
  speed: 1,
  pitch: 0,
  intonation: 1,
  volume: 1,
  pause_after_s: null,
  voice: null,
};
/** What is heard between two sentences for which nothing is set, in seconds. */
export const USUAL_PAUSE_S = 0.4;
export const CONTROLS: Record<Control, { min: number; max: number; step: number }> = {
  speed: { min: 0.5, max: 2, step: 0.05 },
  pitch: { min: -6, max: 6, step: 0.5 },
  intonation: { min: 0, max: 2, step: 0.1 },
  volume: { min: 0, max: 2, step: 0.1 },
  pause_after_s: { min: 0, max: 5, step: 0.1 },
};
const EVERY = Object.keys(CONTROLS) as Control[];
/** Deliveries of sentences that are gone are kept for the day they come back, up to a number. */
const KEPT = 100;

/** Settings of `delivery` that are not the usual ones. */
export const changed = (delivery: Delivery): Control[] =>
  EVERY.filter((control) => delivery[control] !== USUAL[control]);

export function deliveryOf(deliveries: readonly SentenceDelivery[], text: string): Delivery {
  const { text: _text, ...delivery } = deliveries.find((one) => one.text === text) ?? { text };
  return { ...USUAL, ...delivery };
}

/** A delivery as it is heard in the voice that was asked to say it. */
export const sayingOf = ({ voice: _voice, ...saying }: Delivery): Saying => saying;

/** The deliveries with this one; `sentences` are those that stand in the script now. */
export function withDelivery(
  deliveries: readonly SentenceDelivery[],
  sentences: readonly string[],
  text: string,
  delivery: Delivery,
): SentenceDelivery[] {
  const others = deliveries.filter((one) => one.text !== text);
  const here = others.filter((one) => sentences.includes(one.text));
  const gone = others.filter((one) => !sentences.includes(one.text)).slice(-KEPT);
  const isUsual = changed(delivery).length === 0 && delivery.voice === null;
  const mine = isUsual ? [] : [{ text, ...delivery }];
  return [...gone, ...here, ...mine];
}

/**
 * What is heard in a voice. One's own voice is read by whoever comes nearest: what all voices of
 * the language can do.
 */
export function controlsOf(
  voiceId: string,
  language: string,
  base: readonly BaseVoice[],
  own: readonly Voice[],
): Control[] {
  const character = language === "ja" ? own.find(({ id }) => id === voiceId)?.base_voice : null;
  const reader = isBaseVoice(voiceId) ? voiceId : character;
  const readers = base.filter((voice) =>
    reader ? voice.id === reader : voice.languages.includes(language),
  );
  return EVERY.filter((control) => readers.every((voice) => voice.controls.includes(control)));
}
