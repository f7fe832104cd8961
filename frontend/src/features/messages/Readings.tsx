/** How each Japanese sentence of the script is read: suggested, heard, and set by the sender. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useId, useState } from "react";
import { useLanguage } from "../../i18n";
import { type KanaProblem, parseLine, writeLine } from "../../lib/kana";
import { isBaseVoice } from "../../lib/previews";
import { type Words, wordsFor } from "../../lib/problems";
import { baseVoicesQuery } from "../../lib/queries";
import { useSettled } from "../../lib/settled";
import { type Sound, useSound } from "../../lib/sound";
import { AccentLine, AccentPicker } from "../../ui/AccentLine";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { LoadProblem } from "../../ui/Notice";
import { Skeleton } from "../../ui/Page";
import { Disclosure } from "./Disclosure";
import type { SentenceDelivery, SentenceReading } from "./draft";
import { HearSentence } from "./HearSentence";
import { plainText, type SentencePart, SentenceText } from "./SentenceText";
import { deliveryOf } from "./sentences/delivery";
import { isOfScript, sentencesQuery } from "./sentencesQuery";

/** The voice that lets accents be heard wherever the speech service runs. */
const PLAIN_VOICE = "open_jtalk:mei_normal";
/** Readings of sentences that are gone are kept for the day they come back, up to a number. */
const KEPT = 200;

/** The first reading of the script that can't be read, as the app tells it. */
export function readingProblem(
  script: string,
  readings: readonly SentenceReading[],
): KanaProblem | null {
  const mine = readings.filter(({ text }) => script.includes(text));
  return mine.map(({ kana }) => parseLine(kana).problem).find((problem) => problem) ?? null;
}

interface ReadingsProps {
  script: string;
  voice: string | null;
  deliveries: readonly SentenceDelivery[];
  readings: readonly SentenceReading[];
  problem: Words | undefined;
  onReadings: (readings: SentenceReading[]) => void;
}

export function Readings(props: ReadingsProps) {
  const { t } = useLanguage();
  return (
    <Disclosure title={t.readings.title} icon="text" problem={props.problem}>
      <Sentences {...props} />
    </Disclosure>
  );
}

function Sentences({ script, voice, deliveries, readings, onReadings }: ReadingsProps) {
  const { t } = useLanguage();
  const settled = useSettled(script);
  const found = useQuery(sentencesQuery(settled, "ja"));
  const sound = useSound();
  if (found.isError) {
    if (isOfScript(found.error)) return <p className="text-quiet text-sm">{t.markup.mendFirst}</p>;
    return <LoadProblem error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) return <Skeleton rows={2} className="h-16" />;
  // A sentence that is said twice is read the same both times.
  const sentences = [...new Map(found.data.items.map((item) => [item.text, item])).values()];
  const keep = (text: string, kana: string | null) => {
    const others = readings.filter((reading) => reading.text !== text).slice(-KEPT);
    onReadings(kana === null ? others : [...others, { text, kana }]);
  };
  return (
    <>
      <p className="text-quiet text-sm">{t.readings.lead}</p>
      <AccentsUnheard voice={voice} />
      <ul className="grid gap-3">
        {sentences.map(({ text, parts, suggested }) => (
          <SentenceRow
            key={text}
            text={text}
            parts={parts}
            suggested={suggested ?? null}
            wished={readings.find((reading) => reading.text === text)?.kana ?? null}
            voice={deliveryOf(deliveries, text).voice ?? voice ?? PLAIN_VOICE}
            sound={sound}
            onKana={(kana) => keep(text, kana)}
          />
        ))}
      </ul>
      <Link
        to="/words"
        className="inline-flex min-h-11 items-center gap-2 justify-self-start font-semibold text-mark"
      >
        <Icon name="plus" />
        {t.readings.toWords}
      </Link>
    </>
  );
}

function AccentsUnheard({ voice }: { voice: string | null }) {
  const { t } = useLanguage();
  const voices = useQuery(baseVoicesQuery).data?.items;
  const chosen = voices?.find(({ id }) => id === voice);
  if (!voice || !isBaseVoice(voice) || !chosen || chosen.accents) return null;
  return <p className="text-sm">{t.readings.unheard}</p>;
}

interface SentenceRowProps {
  text: string;
  parts: readonly SentencePart[];
  suggested: string | null;
  wished: string | null;
  voice: string;
  sound: Sound;
  /** What is typed; null is what is suggested. */
  onKana: (kana: string | null) => void;
}

function SentenceRow({ text, parts, suggested, wished, voice, sound, onKana }: SentenceRowProps) {
  const { t } = useLanguage();
  const id = useId();
  const line = wished ?? suggested ?? "";
  const parsed = parseLine(line);
  const [isEdited, setEdited] = useState(wished !== null && parsed.problem !== null);
  const change = (kana: string) => onKana(kana === suggested ? null : kana);
  return (
    <li className="rounded-xl border border-line bg-sunk p-3 ps-4">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1 pt-2">
          <p lang="ja" id={`${id}-text`} className="break-words font-semibold leading-snug">
            <SentenceText parts={parts} />
          </p>
          {suggested === null && wished === null ? (
            <p className="mt-1 text-quiet text-sm">{t.readings.silent}</p>
          ) : (
            parsed.phrases && <AccentLine phrases={parsed.phrases} />
          )}
        </div>
        <HearSentence
          text={text}
          name={plainText(parts)}
          language="ja"
          voice={voice}
          wish={{ reading: line }}
          isUnreadable={Boolean(parsed.problem)}
          sound={sound}
        />
        <button
          type="button"
          aria-expanded={isEdited}
          aria-controls={`${id}-edit`}
          aria-label={t.readings.editNamed(plainText(parts))}
          onClick={() => setEdited(!isEdited)}
          className="grid size-11 shrink-0 place-items-center rounded-full text-mark hover:bg-tint"
        >
          <Icon name="edit" />
        </button>
      </div>
      <div id={`${id}-edit`} hidden={!isEdited} className="mt-3 grid gap-3">
        {isEdited && (
          <>
            {parsed.phrases && (
              <div>
                <p className="mb-1 text-quiet text-sm">{t.readings.pick}</p>
                <AccentPicker
                  phrases={parsed.phrases}
                  onPhrases={(phrases) => change(writeLine(phrases))}
                />
              </div>
            )}
            <TextField
              label={t.readings.kana}
              hint={t.readings.marks}
              lang="ja"
              autoCapitalize="off"
              autoComplete="off"
              spellCheck={false}
              value={line}
              onValue={change}
              problem={kanaWords(t, parsed.problem)}
            />
            {wished !== null && (
              <Button
                look="quiet"
                icon="undo"
                className="justify-self-start"
                onClick={() => onKana(null)}
              >
                {t.readings.reset}
              </Button>
            )}
          </>
        )}
      </div>
    </li>
  );
}

/** A problem with its place, which the words alone don't know. */
export function kanaWords(
  t: ReturnType<typeof useLanguage>["t"],
  problem: KanaProblem | null,
): Words | undefined {
  if (!problem) return undefined;
  const { what, fix } = wordsFor(t, problem.code);
  return { what: t.readings.atLetter(problem.at, what), fix };
}
