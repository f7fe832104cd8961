/** One sentence: to be heard, and to be set when it is open. */

import { type ReactNode, useId } from "react";
import { useText } from "../../../i18n";
import type { Catalogue } from "../../../i18n/en";
import type { Sound } from "../../../lib/sound";
import { Button } from "../../../ui/Button";
import { Icon } from "../../../ui/Icon";
import { HearSentence } from "../HearSentence";
import { plainText, type SentencePart, SentenceText } from "../SentenceText";
import { type Control, changed, type Delivery, sayingOf, USUAL } from "./delivery";
import { PresetChoice } from "./PresetChoice";
import { SentenceVoice } from "./SentenceVoice";
import { Slider } from "./Slider";

interface SentenceRowProps {
  /** As it stands in the script. */
  text: string;
  parts: readonly SentencePart[];
  language: string;
  /** Whose voice says it: its own, else the message's. */
  voice: string | null;
  nameOf: (voice: string) => string | undefined;
  reading: string | undefined;
  delivery: Delivery;
  controls: readonly Control[];
  isOpen: boolean;
  sound: Sound;
  onOpen: (isOpen: boolean) => void;
  onDelivery: (delivery: Delivery) => void;
  onHeard: () => void;
  /** The ways in which it was heard. */
  takes: ReactNode;
}

export function SentenceRow(props: SentenceRowProps) {
  const { text, parts, language, voice, reading, delivery, controls, isOpen, sound, onOpen } =
    props;
  const t = useText();
  const id = useId();
  const sayer = delivery.voice && (props.nameOf(delivery.voice) ?? t.takes.voiceGone);
  const said = wordsOf(t, delivery, controls);
  const differences = [sayer && t.sentences.saidBy(sayer), said]
    .filter(Boolean)
    .join(t.sentences.between);
  return (
    <li className="rounded-xl border border-line bg-sunk p-3 ps-4">
      <div className="flex items-start gap-2">
        <div className="min-w-0 flex-1 pt-2">
          <p lang={language} dir="auto" className="break-words font-semibold leading-snug">
            <SentenceText parts={parts} />
          </p>
          {differences && <p className="mt-1 text-quiet text-sm">{differences}</p>}
        </div>
        <HearSentence
          text={text}
          name={plainText(parts)}
          language={language}
          voice={voice}
          wish={{ delivery: sayingOf(delivery), ...(reading ? { reading } : {}) }}
          sound={sound}
          onHeard={props.onHeard}
        />
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={`${id}-edit`}
          aria-label={t.sentences.editNamed(plainText(parts))}
          onClick={() => onOpen(!isOpen)}
          className="grid size-11 shrink-0 place-items-center rounded-full text-mark hover:bg-tint"
        >
          <Icon name="settings" />
        </button>
      </div>
      <div id={`${id}-edit`} hidden={!isOpen} className="mt-3 grid gap-4">
        {isOpen && <Settings {...props} />}
        {isOpen && props.takes}
      </div>
    </li>
  );
}

function Settings({ parts, language, delivery, controls, onDelivery }: SentenceRowProps) {
  const t = useText();
  const isChanged = changed(delivery).length > 0;
  return (
    <fieldset className="grid gap-3">
      <legend className="sr-only">{t.sentences.settingsOf(plainText(parts))}</legend>
      <SentenceVoice
        value={delivery.voice}
        language={language}
        onValue={(voice) => onDelivery({ ...delivery, voice })}
      />
      <PresetChoice
        delivery={delivery}
        onPreset={(manner) => onDelivery({ ...delivery, ...manner })}
      />
      <div className="grid gap-x-6 sm:grid-cols-2">
        {controls.map((control) => (
          <Slider
            key={control}
            control={control}
            value={delivery[control]}
            onValue={(value) => onDelivery({ ...delivery, [control]: value })}
          />
        ))}
      </div>
      {!controls.includes("intonation") && (
        <p className="text-quiet text-sm">{t.sentences.noIntonation}</p>
      )}
      <Button
        look="quiet"
        icon="undo"
        className="justify-self-start"
        aria-disabled={!isChanged}
        onClick={() => isChanged && onDelivery({ ...USUAL, voice: delivery.voice })}
      >
        {t.sentences.reset}
      </Button>
    </fieldset>
  );
}

/** In what a sentence is not said as usual, in words; nothing that isn't heard. */
export function wordsOf(t: Catalogue, delivery: Delivery, controls: readonly Control[]): string {
  const words = t.sentences;
  const told: Record<Control, string> = {
    speed: delivery.speed < 1 ? words.slower : words.faster,
    pitch: delivery.pitch < 0 ? words.lower : words.higher,
    intonation: delivery.intonation < 1 ? words.flatter : words.livelier,
    volume:
      delivery.volume === 0 ? words.silent : delivery.volume < 1 ? words.quieter : words.louder,
    pause_after_s: words.pauseOf((delivery.pause_after_s ?? 0).toFixed(1)),
  };
  const heard = changed(delivery).filter((control) => controls.includes(control));
  return heard.map((control) => told[control]).join(words.between);
}
