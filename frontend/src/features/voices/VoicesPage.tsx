import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import type { BaseVoice, BaseVoiceList, Voice } from "../../lib/api";
import { type Character, plainVoicesOf } from "../../lib/characters";
import { baseVoicesQuery, voicesQuery } from "../../lib/queries";
import { type Sound, useSound } from "../../lib/sound";
import { Button, buttonLook } from "../../ui/Button";
import { CharacterIcon, Characters, StyleField } from "../../ui/Characters";
import { CharacterTerms } from "../../ui/CharacterTerms";
import { HearVoice } from "../../ui/HearVoice";
import { Icon } from "../../ui/Icon";
import { LoadProblem } from "../../ui/Notice";
import { Page, Skeleton } from "../../ui/Page";
import { readReport } from "./report";
import { UnfinishedSample } from "./UnfinishedSample";

export function VoicesPage() {
  const { t } = useLanguage();
  const own = useQuery(voicesQuery);
  const base = useQuery(baseVoicesQuery);
  const sound = useSound();
  const mine = own.data?.items ?? [];
  return (
    <Page
      title={t.voices.title}
      actions={
        mine.length > 0 && (
          <Link to="/voices/new" className={buttonLook("primary")}>
            <Icon name="plus" />
            {t.voices.add}
          </Link>
        )
      }
    >
      <UnfinishedSample />
      <section aria-labelledby="own">
        <h2 id="own" className={mine.length > 0 ? "mb-3 font-bold text-lg" : "sr-only"}>
          {t.voices.own}
        </h2>
        {own.isPending && <Skeleton rows={2} className="h-20" />}
        {own.isError && <LoadProblem error={own.error} onRetry={() => void own.refetch()} />}
        {own.isSuccess && mine.length === 0 && <FirstVoice />}
        <ul className="grid gap-3 sm:grid-cols-2">
          {mine.map((voice) => (
            <li key={voice.id}>
              <OwnVoice voice={voice} sound={sound} />
            </li>
          ))}
        </ul>
        {mine.length > 0 && <p className="mt-4 text-quiet text-sm">{t.voices.honest}</p>}
      </section>
      <section aria-labelledby="base" className="mt-10">
        <h2 id="base" className="font-bold text-lg">
          {t.voices.base}
        </h2>
        <p className="mb-3 text-quiet">{t.voices.baseLead}</p>
        {base.isPending && <Skeleton rows={2} className="h-14" />}
        {base.isError && <LoadProblem error={base.error} onRetry={() => void base.refetch()} />}
        <BaseVoices voices={base.data?.items ?? []} state={base.data?.voicevox} sound={sound} />
      </section>
    </Page>
  );
}

function FirstVoice() {
  const { t } = useLanguage();
  return (
    <div className="flex flex-col items-center gap-4 rounded-3xl bg-glow px-6 py-12 text-center">
      <span className="grid size-16 place-items-center rounded-full bg-card text-mark shadow-card">
        <Icon name="microphone" className="size-8" />
      </span>
      <p className="font-bold text-2xl">{t.voices.emptyTitle}</p>
      <p className="max-w-md text-quiet">{t.voices.emptyText}</p>
      <Link to="/voices/new" className={buttonLook("primary", "min-h-12 px-6")}>
        {t.voices.add}
      </Link>
      <p className="max-w-lg text-quiet text-sm">{t.voices.honest}</p>
    </div>
  );
}

function OwnVoice({ voice, sound }: { voice: Voice; sound: Sound }) {
  const { t, format } = useLanguage();
  const report = readReport(voice.report ?? null);
  const isReady = voice.state === "ready";
  return (
    <div className="flex items-center gap-2 rounded-2xl border border-line bg-card p-3 shadow-card">
      <Link
        to="/voices/$id"
        params={{ id: voice.id }}
        className="flex min-w-0 flex-1 items-center gap-3 rounded-xl p-1"
      >
        <span className="grid size-12 shrink-0 place-items-center rounded-full bg-tint font-bold text-lg text-mark">
          {[...voice.name][0]}
        </span>
        <span className="min-w-0">
          <span className="block font-semibold leading-snug">{voice.name}</span>
          <span className="block text-quiet text-sm">
            {isReady
              ? [
                  t.languages[voice.language] ?? voice.language,
                  report ? t.report.verdicts[report.verdict] : format.day(voice.created_at),
                ].join(" · ")
              : t.voices.profiling}
          </span>
        </span>
      </Link>
      {isReady && <Hear id={voice.id} name={voice.name} language={voice.language} sound={sound} />}
    </div>
  );
}

function Hear(props: { id: string; name: string; language: string; sound: Sound }) {
  const { t } = useLanguage();
  const sentence = t.voices.trySentence[props.language] ?? t.voices.trySentence.en ?? "";
  return <HearVoice sentence={sentence} {...props} />;
}

/** The voices of one language at a time: there may be many. */
function BaseVoices(props: {
  voices: readonly BaseVoice[];
  state: BaseVoiceList["voicevox"] | undefined;
  sound: Sound;
}) {
  const { voices, state, sound } = props;
  const { t, locale } = useLanguage();
  const languages = [...new Set(voices.flatMap((voice) => voice.languages))];
  const [chosen, setChosen] = useState<string>(locale);
  const language = languages.includes(chosen) ? chosen : languages[0];
  if (!language) return null;
  return (
    <>
      <fieldset className="mb-4">
        <legend className="sr-only">{t.compose.language}</legend>
        <div className="flex flex-wrap gap-2">
          {languages.map((code) => (
            <Button
              key={code}
              aria-pressed={code === language}
              onClick={() => setChosen(code)}
              className={code === language ? "border-mark bg-tint text-mark" : ""}
            >
              {t.languages[code] ?? code}
            </Button>
          ))}
        </div>
      </fieldset>
      <ul className="grid gap-2.5 sm:grid-cols-2">
        {plainVoicesOf(voices)
          .filter((voice) => voice.languages.includes(language))
          .map((voice) => (
            <li
              key={voice.id}
              className="flex items-center gap-2 rounded-2xl border border-line bg-card py-1.5 ps-4 pe-2"
            >
              <span className="min-w-0 flex-1">
                <span className="block font-semibold leading-snug">{voice.name}</span>
                {voice.credit && <span className="text-quiet text-sm">{voice.credit}</span>}
              </span>
              <Hear id={voice.id} name={voice.name} language={language} sound={sound} />
            </li>
          ))}
      </ul>
      {language === "ja" && (
        <div className="mt-6">
          <Characters voices={voices} state={state}>
            {(character) => <CharacterCard character={character} sound={sound} />}
          </Characters>
        </div>
      )}
    </>
  );
}

function CharacterCard({ character, sound }: { character: Character; sound: Sound }) {
  const { t } = useLanguage();
  const [wished, setWished] = useState(character.voices[0]?.id ?? "");
  const [isOpen, setOpen] = useState(false);
  const shown = character.voices.find((voice) => voice.id === wished) ?? character.voices[0];
  if (!shown) return null;
  return (
    <div className="grid gap-2 rounded-2xl border border-line bg-card p-3">
      <div className="flex items-center gap-3">
        <CharacterIcon character={character} />
        <span className="min-w-0 flex-1">
          <span lang="ja" className="block font-semibold leading-snug">
            {character.name}
          </span>
          <span lang="ja" className="text-quiet text-sm">
            {shown.credit}
          </span>
        </span>
        <Hear id={shown.id} name={character.name} language="ja" sound={sound} />
      </div>
      <StyleField character={character} value={shown.id} onValue={setWished} />
      <Button aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {t.voicevox.aboutTerms(character.name)}
      </Button>
      {isOpen && <CharacterTerms voiceId={shown.id} credit={shown.credit} />}
    </div>
  );
}
