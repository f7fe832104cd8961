/** A VOICEVOX character to choose, in one of its ways to speak. */

import { useState } from "react";
import type { Character } from "../lib/characters";
import type { Sound } from "../lib/sound";
import { CharacterIcon, StyleField } from "./Characters";
import { CharacterTerms } from "./CharacterTerms";
import { HearVoice } from "./HearVoice";

interface CharacterChoiceProps {
  character: Character;
  value: string | null;
  group: string;
  sentence: string;
  sound: Sound;
  onValue: (voice: string) => void;
}

export function CharacterChoice(props: CharacterChoiceProps) {
  const { character, value, group, sentence, sound, onValue } = props;
  const [wished, setWished] = useState(character.voices[0]);
  const chosen = character.voices.find((voice) => voice.id === value);
  const shown = chosen ?? wished;
  if (!shown) return null;
  const changeStyle = (id: string) => {
    setWished(character.voices.find((voice) => voice.id === id));
    if (chosen) onValue(id);
  };
  return (
    <div className="grid gap-2 rounded-xl border border-edge bg-card p-2 has-[input:checked]:border-mark has-[input:checked]:bg-tint has-[input:checked]:ring-1 has-[input:checked]:ring-mark has-[input:focus-visible]:outline-3 has-[input:focus-visible]:outline-mark has-[input:focus-visible]:outline-offset-2">
      <div className="flex items-center gap-2">
        <label className="flex min-h-12 min-w-0 flex-1 items-center gap-3 ps-2">
          <input
            type="radio"
            name={group}
            checked={chosen !== undefined}
            onChange={() => onValue(shown.id)}
            className="size-5 shrink-0 accent-mark focus-visible:outline-none"
          />
          <CharacterIcon character={character} />
          <span lang="ja" className="min-w-0 font-semibold leading-snug">
            {character.name}
          </span>
        </label>
        <HearVoice
          id={shown.id}
          name={character.name}
          language="ja"
          sentence={sentence}
          sound={sound}
        />
      </div>
      <StyleField character={character} value={shown.id} onValue={changeStyle} />
      {chosen && <CharacterTerms voiceId={chosen.id} credit={chosen.credit} />}
    </div>
  );
}
