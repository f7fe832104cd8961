/** The sentences of the script, and how each of them is said. */

import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useText } from "../../../i18n";
import type { Words } from "../../../lib/problems";
import { baseVoicesQuery, voicesQuery } from "../../../lib/queries";
import { useSettled } from "../../../lib/settled";
import { useSound } from "../../../lib/sound";
import { LoadProblem } from "../../../ui/Notice";
import { Skeleton } from "../../../ui/Page";
import { Disclosure } from "../Disclosure";
import type { DraftChanges, SentenceDelivery, SentenceReading } from "../draft";
import { isOfScript, sentencesQuery } from "../sentencesQuery";
import { controlsOf, deliveryOf, withDelivery } from "./delivery";
import { SentenceRow } from "./SentenceRow";
import { Takes } from "./Takes";
import { takeNow, takesOf, useTakes, usingTake } from "./takes";

interface SentencesProps {
  /** The message's id, once it has one. */
  id: string | null;
  script: string;
  language: string;
  voice: string | null;
  readings: readonly SentenceReading[];
  deliveries: readonly SentenceDelivery[];
  problem: Words | undefined;
  onDeliveries: (deliveries: SentenceDelivery[]) => void;
  /** A sentence is to be said as it was once heard. */
  onTake: (changes: DraftChanges) => void;
}

export function Sentences(props: SentencesProps) {
  const t = useText();
  return (
    <Disclosure title={t.sentences.title} icon="voice" problem={props.problem}>
      <Rows {...props} />
    </Disclosure>
  );
}

function Rows(props: SentencesProps) {
  const { script, language, voice, readings, deliveries, onDeliveries } = props;
  const t = useText();
  const id = useId();
  const found = useQuery(sentencesQuery(useSettled(script), language));
  const base = useQuery(baseVoicesQuery).data?.items ?? [];
  const own = useQuery(voicesQuery).data?.items ?? [];
  const sound = useSound();
  const { takes, keep } = useTakes(props.id);
  const [open, setOpen] = useState<string | null>(null);
  if (found.isError) {
    // What is wrong with the script is told beside it.
    if (isOfScript(found.error)) return <p className="text-quiet text-sm">{t.markup.mendFirst}</p>;
    return <LoadProblem error={found.error} onRetry={() => void found.refetch()} />;
  }
  if (!found.data) return <Skeleton rows={2} className="h-16" />;
  // A sentence that is said twice is said the same way both times.
  const sentences = [...new Map(found.data.items.map((item) => [item.text, item])).values()];
  const texts = sentences.map(({ text }) => text);
  const sayerOf = (text: string) => deliveryOf(deliveries, text).voice ?? voice;
  const controlsIn = (text: string) => {
    const sayer = sayerOf(text);
    return sayer ? controlsOf(sayer, language, base, own) : [];
  };
  const mine = takesOf(
    takes.filter((take) => take.language === language),
    texts,
  );
  const nowOf = (text: string) => {
    const sayer = sayerOf(text);
    return sayer ? takeNow(props, sayer, text, deliveryOf(deliveries, text)) : null;
  };
  const nameOf = (held: string) => [...own, ...base].find((one) => one.id === held)?.name;
  return (
    <>
      <p id={`${id}-lead`} className="text-quiet text-sm">
        {t.sentences.lead}
      </p>
      <ul aria-describedby={`${id}-lead`} className="grid gap-3">
        {sentences.map(({ text, parts }) => (
          <SentenceRow
            key={text}
            text={text}
            parts={parts}
            language={language}
            voice={sayerOf(text)}
            nameOf={nameOf}
            reading={readings.find((reading) => reading.text === text)?.kana}
            delivery={deliveryOf(deliveries, text)}
            controls={controlsIn(text)}
            isOpen={open === text}
            sound={sound}
            onOpen={(isOpen) => setOpen(isOpen ? text : null)}
            onDelivery={(delivery) => onDeliveries(withDelivery(deliveries, texts, text, delivery))}
            onHeard={() => {
              const heard = nowOf(text);
              if (heard) keep(heard);
            }}
            takes={
              <Takes
                sentence={text}
                takes={mine.get(text) ?? []}
                now={nowOf(text)}
                controls={controlsIn(text)}
                nameOf={nameOf}
                sound={sound}
                onUse={(take) => props.onTake(usingTake(props, texts, text, take))}
              />
            }
          />
        ))}
      </ul>
    </>
  );
}
