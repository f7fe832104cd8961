/** The ways in which a sentence was heard: each is played again, and the best is chosen. */

import { useId } from "react";
import { useText } from "../../../i18n";
import type { Catalogue } from "../../../i18n/en";
import { plainScript } from "../../../lib/markup";
import type { Sound } from "../../../lib/sound";
import { Button } from "../../../ui/Button";
import { HearSentence } from "../HearSentence";
import { type Control, USUAL } from "./delivery";
import { toldOf } from "./Slider";
import { HEARD, isTake, type Take } from "./takes";

interface TakesProps {
  sentence: string;
  /** Oldest first. */
  takes: readonly Take[];
  /** The sentence as it is said now. */
  now: Take | null;
  controls: readonly Control[];
  nameOf: (voice: string) => string | undefined;
  sound: Sound;
  onUse: (take: Take) => void;
}

export function Takes(props: TakesProps) {
  const { sentence, takes, now, controls, nameOf, sound, onUse } = props;
  const t = useText();
  const id = useId();
  if (takes.length === 0) return null;
  const newestFirst = takes.map((take, at) => ({ take, number: at + 1 })).reverse();
  return (
    <section aria-labelledby={id}>
      <p id={id} className="font-semibold text-sm">
        {t.takes.title}
      </p>
      <ul className="mt-1 grid gap-1">
        {newestFirst.map(({ take, number }) => {
          const words = wordsOf(t, take, sentence, now, controls, nameOf);
          const name = t.takes.named(String(number), words);
          const isUsed = now !== null && isTake(take, now);
          return (
            <li key={number} className="flex flex-wrap items-center gap-x-2 border-line border-t">
              <HearSentence
                name={name}
                text={take.text}
                language={take.language}
                voice={take.voice}
                wish={wishOf(take)}
                sound={sound}
              />
              <span className="min-w-0 flex-1 basis-16 break-words py-1 text-sm">{words}</span>
              {isUsed ? (
                <span className="px-4 py-2 font-semibold text-good text-sm">{t.takes.used}</span>
              ) : (
                <Button
                  look="quiet"
                  aria-label={t.takes.useNamed(name)}
                  onClick={() => onUse(take)}
                >
                  {t.takes.use}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function wishOf({ reading, speed, pitch, intonation, volume }: Take) {
  const delivery = { speed, pitch, intonation, volume, pause_after_s: null };
  return { delivery, ...(reading === null ? {} : { reading }) };
}

/** How it was said, and in what it differs besides from how the sentence stands there now. */
function wordsOf(
  t: Catalogue,
  take: Take,
  sentence: string,
  now: Take | null,
  controls: readonly Control[],
  nameOf: TakesProps["nameOf"],
): string {
  const set = HEARD.filter((part) => take[part] !== USUAL[part] && controls.includes(part));
  const words = set.map((part) => `${t.sentences.controls[part]} ${toldOf(t, part, take[part])}`);
  if (words.length === 0) words.push(t.takes.usual);
  if (take.voice !== now?.voice) words.push(nameOf(take.voice) ?? t.takes.voiceGone);
  if (take.reading !== (now?.reading ?? null)) {
    words.push(take.reading === null ? t.takes.suggested : t.takes.readAs(take.reading));
  }
  if (take.text !== sentence) words.push(t.takes.said(plainScript(take.text).text));
  return words.join(t.readings.between);
}
