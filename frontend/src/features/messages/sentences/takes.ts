/** The ways in which sentences were heard: which belongs to which sentence, and in what it differs. */

import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "../../../api/schema";
import { api, bodyOf } from "../../../lib/api";
import type { DraftChanges, SentenceDelivery, SentenceReading } from "../draft";
import { type Control, type Delivery, deliveryOf, withDelivery } from "./delivery";

export type Take = Required<components["schemas"]["TakeBody"]>;

/** What is heard of a take; the pause after it belongs to what follows. */
export const HEARD = ["speed", "pitch", "intonation", "volume"] as const satisfies Control[];

/** What of the draft says how its sentences are said. */
interface Said {
  script: string;
  language: string;
  /** The message's; sentences may have others. */
  voice: string | null;
  readings: readonly SentenceReading[];
  deliveries: readonly SentenceDelivery[];
}

/** A take of a sentence as the draft has it said now. */
export function takeNow(content: Said, voice: string, text: string, delivery: Delivery): Take {
  const { speed, pitch, intonation, volume } = delivery;
  const reading = content.readings.find((one) => one.text === text)?.kana ?? null;
  const how = { speed, pitch, intonation, volume };
  return { text, language: content.language, voice, reading, ...how };
}

export const isTake = (one: Take, other: Take): boolean =>
  (Object.keys(other) as (keyof Take)[]).every((part) => one[part] === other[part]);

/** Below this two sentences have too little in common to be one that was reworded. */
const ALIKE = 0.5;

/**
 * The takes of each sentence of the script, oldest first. One whose sentence was reworded follows
 * it: to the sentence, or to a later take, that is most like its own words.
 */
export function takesOf(takes: readonly Take[], sentences: readonly string[]): Map<string, Take[]> {
  const heardLast = new Map(takes.map(({ text }, at) => [text, at]));
  const become = (text: string): string | null => {
    if (sentences.includes(text)) return text;
    const at = heardLast.get(text) ?? 0;
    const later = [...heardLast.keys()].filter((other) => (heardLast.get(other) ?? 0) > at);
    const [best] = [...new Set([...sentences, ...later])]
      .map((other) => ({ other, likeness: likeness(text, other) }))
      .filter(({ likeness }) => likeness >= ALIKE)
      .sort((one, other) => other.likeness - one.likeness);
    return best ? become(best.other) : null;
  };
  const placed = new Map<string, Take[]>();
  for (const take of takes) {
    const sentence = become(take.text);
    if (sentence !== null) placed.set(sentence, [...(placed.get(sentence) ?? []), take]);
  }
  return placed;
}

/** How much two texts have in common: the share of their pairs of letters (Dice), 0..1. */
export function likeness(one: string, other: string): number {
  const [mine, theirs] = [pairs(one), pairs(other)];
  const all = mine.length + theirs.length;
  if (all === 0) return one === other ? 1 : 0;
  const left = [...theirs];
  const shared = mine.filter((pair) => {
    const at = left.indexOf(pair);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  return (2 * shared.length) / all;
}

const pairs = (text: string): string[] => {
  const letters = [...text.toLowerCase().replaceAll(/\s+/g, " ")];
  return letters.slice(1).map((letter, at) => `${letters[at]}${letter}`);
};

/** What is changed in the draft so that `sentence` is said as `take` was. */
export function usingTake(
  content: Said,
  sentences: readonly string[],
  sentence: string,
  take: Take,
): DraftChanges {
  const { text, speed, pitch, intonation, volume } = take;
  const { pause_after_s } = deliveryOf(content.deliveries, sentence);
  const others = content.readings.filter((one) => one.text !== text);
  const voice = take.voice === content.voice ? null : take.voice;
  const delivery = { speed, pitch, intonation, volume, pause_after_s, voice };
  const here = sentences.map((one) => (one === sentence ? text : one));
  return {
    ...(text === sentence ? {} : { script: content.script.replaceAll(sentence, text) }),
    readings: take.reading === null ? others : [...others, { text, kana: take.reading }],
    deliveries: withDelivery(content.deliveries, here, text, delivery),
  };
}

// --- on the server --------------------------------------------------------------------------

const takesQuery = (id: string | null) =>
  queryOptions({
    queryKey: ["message", id, "takes"],
    enabled: id !== null,
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/messages/{message_id}/takes", {
          signal,
          params: { path: { message_id: id ?? "" } },
        }),
      ),
  });

/** The takes of a message, and how another is kept. One that can't be kept was heard all the same. */
export function useTakes(id: string | null): {
  takes: readonly Take[];
  keep: (take: Take) => void;
} {
  const client = useQueryClient();
  const { queryKey } = takesQuery(id);
  const kept = useQuery(takesQuery(id)).data?.items ?? [];
  const keeping = useMutation({
    mutationFn: (body: Take) =>
      bodyOf(
        api.POST("/api/v1/messages/{message_id}/takes", {
          params: { path: { message_id: id ?? "" } },
          body,
        }),
      ),
    async onSuccess(answer) {
      await client.cancelQueries({ queryKey, exact: true });
      client.setQueryData(queryKey, answer);
    },
  });
  return {
    takes: kept as Take[],
    keep: (take) => id !== null && keeping.mutate(take),
  };
}
