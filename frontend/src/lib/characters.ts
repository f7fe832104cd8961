/** VOICEVOX: characters with several ways of speaking, each a base voice of its own. */

import { queryOptions } from "@tanstack/react-query";
import { api, type BaseVoice, bodyOf, type Message } from "./api";
import { Problem } from "./problems";

export interface Character {
  id: string;
  name: string;
  /** One for each of the character's styles, the usual one first. */
  voices: BaseVoice[];
}

export const isVoicevox = (voiceId: string | null | undefined): voiceId is string =>
  voiceId?.startsWith("voicevox:") ?? false;

export const plainVoicesOf = (voices: readonly BaseVoice[]): BaseVoice[] =>
  voices.filter((voice) => !voice.character);

export function charactersOf(voices: readonly BaseVoice[]): Character[] {
  const found = new Map<string, Character>();
  for (const voice of voices) {
    if (!voice.character) continue;
    const { id, name } = voice.character;
    const known = found.get(id);
    if (known) known.voices.push(voice);
    else found.set(id, { id, name, voices: [voice] });
  }
  return [...found.values()];
}

/**
 * Whether somebody else spoke for the characters that were chosen, for the message or a sentence.
 * Whoever stands in stands in for all of them.
 */
export function wasStoodInFor(message: Message): boolean {
  if (!message.base_voice || isVoicevox(message.base_voice)) return false;
  const said = message.deliveries.filter(({ text }) => message.script.includes(text));
  const wished = [message.voice, ...said.map(({ voice }) => voice)];
  return wished.some(isVoicevox) && !message.credit?.includes("VOICEVOX:");
}

/** By way of the backend: nobody's browser reaches the engine. */
export const iconOf = (voiceId: string): string => `/api/v1/base-voices/${voiceId}/icon`;

export const portraitOf = (voiceId: string): string => `/api/v1/base-voices/${voiceId}/portrait`;

/** A character's terms; they are asked for when somebody is about to use the voice. */
export const termsQuery = (voiceId: string) =>
  queryOptions({
    queryKey: ["character-terms", voiceId],
    staleTime: 60 * 60_000,
    // An engine that is away stays so for longer than a reader waits: there is a button.
    retry: false,
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/base-voices/{voice_id}/terms", {
          signal,
          params: { path: { voice_id: voiceId } },
        }),
      ),
  });

/** A sample that the character brings along. */
export async function fetchSample(
  voiceId: string,
  index: number,
  signal: AbortSignal,
): Promise<Blob> {
  const { data: sound } = await api.GET("/api/v1/base-voices/{voice_id}/samples/{index}", {
    params: { path: { voice_id: voiceId, index } },
    parseAs: "blob",
    signal,
  });
  if (!(sound instanceof Blob)) throw new Problem("http", 200, "No sound came back.");
  return sound;
}
