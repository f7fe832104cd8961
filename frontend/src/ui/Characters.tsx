/** VOICEVOX's characters: icon, name, and the ways in which each of them speaks. */

import { type ReactNode, useState } from "react";
import { useText } from "../i18n";
import type { BaseVoice, BaseVoiceList } from "../lib/api";
import { type Character, charactersOf, iconOf } from "../lib/characters";
import { Notice } from "./Notice";

interface CharactersProps {
  voices: readonly BaseVoice[];
  state: BaseVoiceList["voicevox"] | undefined;
  /** What is drawn for each character. */
  children: (character: Character) => ReactNode;
}

/** Everybody, under a line that says how the engine is; nothing where there is none. */
export function Characters({ voices, state, children }: CharactersProps) {
  const t = useText().voicevox;
  const characters = charactersOf(voices);
  if (!state || (state === "off" && characters.length === 0)) return null;
  return (
    <section aria-label={t.title} className="grid gap-2.5">
      <p className="text-quiet text-sm">{t.lead}</p>
      {state !== "ready" && (
        <Notice tone="warn" title={t.states[state]}>
          <p className="text-sm">{t.standIn}</p>
        </Notice>
      )}
      <ul className="grid gap-2.5 sm:grid-cols-2">
        {characters.map((character) => (
          <li key={character.id}>{children(character)}</li>
        ))}
      </ul>
    </section>
  );
}

export function CharacterIcon({ character }: { character: Character }) {
  const [isLost, setLost] = useState(false);
  const first = character.voices[0];
  const shape = "size-12 shrink-0 rounded-full bg-tint";
  if (!first || isLost) {
    return (
      <span aria-hidden className={`${shape} grid place-items-center font-bold text-mark`}>
        {[...character.name][0]}
      </span>
    );
  }
  return (
    <img
      src={iconOf(first.id)}
      alt=""
      width={48}
      height={48}
      loading="lazy"
      onError={() => setLost(true)}
      className={`${shape} object-cover`}
    />
  );
}

interface StyleFieldProps {
  character: Character;
  value: string;
  onValue: (voiceId: string) => void;
}

/** In which way the character speaks; nothing where there is but one. */
export function StyleField({ character, value, onValue }: StyleFieldProps) {
  const t = useText().voicevox;
  if (character.voices.length < 2) return null;
  return (
    <select
      aria-label={t.styleOf(character.name)}
      value={value}
      onChange={(event) => onValue(event.target.value)}
      className="min-h-11 min-w-0 rounded-xl border border-edge bg-card px-3"
    >
      {character.voices.map((voice) => (
        <option key={voice.id} value={voice.id} lang="ja">
          {voice.character?.style}
        </option>
      ))}
    </select>
  );
}
