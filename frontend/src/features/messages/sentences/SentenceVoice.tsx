/** Whose voice says a sentence: the message's, unless another is chosen. */

import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useText } from "../../../i18n";
import { isVoicevox } from "../../../lib/characters";
import { baseVoicesQuery, voicesQuery } from "../../../lib/queries";
import { CharacterTerms } from "../../../ui/CharacterTerms";

interface SentenceVoiceProps {
  /** Null is the message's. */
  value: string | null;
  language: string;
  onValue: (voice: string | null) => void;
}

export function SentenceVoice({ value, language, onValue }: SentenceVoiceProps) {
  const t = useText();
  const id = useId();
  const all = useQuery(baseVoicesQuery).data?.items ?? [];
  const own = useQuery(voicesQuery).data?.items.filter(({ state }) => state === "ready") ?? [];
  const base = all.filter(({ languages }) => languages.includes(language));
  const chosen = [...own, ...base].find((voice) => voice.id === value);
  const character = base.find((voice) => voice.id === value && isVoicevox(voice.id));
  return (
    <div className="grid gap-1.5">
      <label htmlFor={id} className="text-sm">
        {t.sentences.voice}
      </label>
      <select
        id={id}
        value={value ?? ""}
        onChange={(event) => onValue(event.target.value || null)}
        className="min-h-11 w-full rounded-xl border border-edge bg-card px-3 sm:max-w-72"
      >
        <option value="">{t.sentences.asMessage}</option>
        {value && !chosen && (
          <option value={value}>
            {all.find((voice) => voice.id === value)?.name ?? t.takes.voiceGone}
          </option>
        )}
        <Group label={t.sentences.ownVoices} voices={own} />
        <Group label={t.sentences.baseVoices} voices={base} />
      </select>
      {character && <CharacterTerms voiceId={character.id} credit={character.credit} />}
    </div>
  );
}

interface GroupProps {
  label: string;
  voices: readonly { id: string; name: string }[];
}

function Group({ label, voices }: GroupProps) {
  if (voices.length === 0) return null;
  return (
    <optgroup label={label}>
      {voices.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </optgroup>
  );
}
