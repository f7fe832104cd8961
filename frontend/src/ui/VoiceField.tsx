/** Whose voice speaks: one's own first, then those that come with the app. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId } from "react";
import { useLanguage } from "../i18n";
import type { BaseVoice, Voice } from "../lib/api";
import { plainVoicesOf } from "../lib/characters";
import { isBaseVoice, openingOf } from "../lib/previews";
import type { Words } from "../lib/problems";
import { baseVoicesQuery, voicesQuery } from "../lib/queries";
import { type Sound, useSound } from "../lib/sound";
import { CharacterChoice } from "./CharacterChoice";
import { Characters } from "./Characters";
import { FieldProblem } from "./Field";
import { HearVoice } from "./HearVoice";
import { Icon } from "./Icon";
import { LoadProblem } from "./Notice";
import { Skeleton } from "./Page";
import { PlainVoice } from "./PlainVoice";

/** The voice to begin with: the newest of one's own, else the first that speaks the language. */
export function defaultVoice(
  own: readonly Voice[],
  base: readonly BaseVoice[],
  language: string,
): string | null {
  const mine = own.find((voice) => voice.state === "ready");
  return mine?.id ?? base.find((voice) => voice.languages.includes(language))?.id ?? null;
}

/** Whether a voice is still there and speaks the language; a clone speaks all of them. */
export function speaks(
  id: string,
  language: string,
  own: readonly Voice[],
  base: readonly BaseVoice[],
): boolean {
  if (!isBaseVoice(id)) return own.some((voice) => voice.id === id);
  return base.some((voice) => voice.id === id && voice.languages.includes(language));
}

interface VoiceFieldProps {
  value: string | null;
  language: string;
  script: string;
  problem: Words | undefined;
  onValue: (voice: string) => void;
}

export function VoiceField({ value, language, script, problem, onValue }: VoiceFieldProps) {
  const { t } = useLanguage();
  const id = useId();
  const own = useQuery(voicesQuery);
  const base = useQuery(baseVoicesQuery);
  const sound = useSound();
  const sentence = openingOf(script) || (t.voices.trySentence[language] ?? "");
  const mine = own.data?.items.filter((voice) => voice.state === "ready") ?? [];
  const fitting = base.data?.items.filter((voice) => voice.languages.includes(language)) ?? [];
  const choice = { value, group: id, language, sentence, sound, onValue };
  const failed = own.isError ? own : base.isError ? base : null;
  return (
    <fieldset aria-describedby={`${id}-problem`} aria-invalid={Boolean(problem)}>
      <legend className="mb-1.5 font-semibold">{t.compose.voice}</legend>
      {failed && <LoadProblem error={failed.error} onRetry={() => void failed.refetch()} />}
      {!failed && (own.isPending || base.isPending) && <Skeleton rows={2} className="h-16" />}
      {!failed && own.isSuccess && base.isSuccess && (
        <div className="grid gap-5">
          <div className="grid gap-2.5">
            {mine.map((voice) => (
              <VoiceChoice
                key={voice.id}
                id={voice.id}
                name={voice.name}
                note={
                  voice.language === language
                    ? t.languages[language]
                    : t.compose.voiceOther(t.languages[voice.language] ?? voice.language)
                }
                {...choice}
              />
            ))}
            <Link
              to="/voices/new"
              className="flex min-h-14 items-center gap-3 rounded-xl border border-edge border-dashed px-4 font-semibold text-mark hover:bg-tint"
            >
              <Icon name="plus" />
              {t.compose.voiceAdd}
            </Link>
          </div>
          <div className="grid gap-2.5">
            <p className="text-quiet text-sm">
              {fitting.length > 0 ? t.compose.voiceBase : t.compose.voiceNone}
            </p>
            {plainVoicesOf(fitting).map((voice) => (
              <VoiceChoice
                key={voice.id}
                id={voice.id}
                name={voice.name}
                note={voice.credit}
                {...choice}
              />
            ))}
            <PlainVoice />
          </div>
          {language === "ja" && (
            <Characters voices={fitting} state={base.data.voicevox}>
              {(character) => (
                <CharacterChoice
                  character={character}
                  value={value}
                  group={id}
                  sentence={sentence}
                  sound={sound}
                  onValue={onValue}
                />
              )}
            </Characters>
          )}
        </div>
      )}
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </fieldset>
  );
}

interface VoiceChoiceProps {
  id: string;
  name: string;
  note: string | null | undefined;
  value: string | null;
  group: string;
  language: string;
  sentence: string;
  sound: Sound;
  onValue: (voice: string) => void;
}

function VoiceChoice(props: VoiceChoiceProps) {
  const { id, name, note, value, group, language, sentence, sound, onValue } = props;
  return (
    <div className="flex items-center gap-2 rounded-xl border border-edge bg-card pe-2 has-checked:border-mark has-checked:bg-tint has-checked:ring-1 has-checked:ring-mark has-[input:focus-visible]:outline-3 has-[input:focus-visible]:outline-mark has-[input:focus-visible]:outline-offset-2">
      <label className="flex min-h-14 min-w-0 flex-1 items-center gap-3 py-2 ps-4">
        <input
          type="radio"
          name={group}
          checked={value === id}
          onChange={() => onValue(id)}
          className="size-5 shrink-0 accent-mark focus-visible:outline-none"
        />
        <span className="min-w-0">
          <span className="block font-semibold leading-snug">{name}</span>
          {note && <span className="block text-quiet text-sm leading-snug">{note}</span>}
        </span>
      </label>
      <HearVoice id={id} name={name} language={language} sentence={sentence} sound={sound} />
    </div>
  );
}
