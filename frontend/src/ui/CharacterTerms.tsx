/** What using a VOICEVOX character asks for: the credit, which comes by itself, and the terms. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useText } from "../i18n";
import { fetchSample, portraitOf, termsQuery } from "../lib/characters";
import { asProblem, problemWords } from "../lib/problems";
import { type Sound, useSound } from "../lib/sound";
import { Button } from "./Button";
import { Notice } from "./Notice";
import { useToast } from "./Toasts";

interface CharacterTermsProps {
  voiceId: string;
  credit: string | null;
}

export function CharacterTerms({ voiceId, credit }: CharacterTermsProps) {
  const text = useText();
  const t = text.voicevox;
  const terms = useQuery(termsQuery(voiceId));
  return (
    <Notice title={credit ? t.creditTitle(credit) : t.termsTitle}>
      <div className="grid gap-2 text-sm">
        <p>{t.commercial}</p>
        {terms.isPending && <p className="text-quiet">{text.common.loading}</p>}
        {terms.isError && (
          <div className="flex flex-wrap items-center gap-3">
            <p>{problemWords(text, asProblem(terms.error)).what}</p>
            <Button onClick={() => void terms.refetch()}>{text.common.tryAgain}</Button>
          </div>
        )}
        {terms.data && (
          <>
            <details>
              <summary className="min-h-11 content-center font-semibold text-mark">
                {t.readTerms}
              </summary>
              <div className="flex flex-wrap gap-3 rounded-xl bg-card p-3">
                <Portrait key={voiceId} voiceId={voiceId} />
                <p lang="ja" className="min-w-0 flex-1 basis-52 whitespace-pre-wrap break-words">
                  {terms.data.terms}
                </p>
              </div>
            </details>
            <Samples voiceId={voiceId} count={terms.data.samples} />
          </>
        )}
      </div>
    </Notice>
  );
}

/** Who it is; not every character has a portrait. */
function Portrait({ voiceId }: { voiceId: string }) {
  const [isThere, setThere] = useState(true);
  if (!isThere) return null;
  return (
    <img
      src={portraitOf(voiceId)}
      alt=""
      loading="lazy"
      className="max-h-56 max-w-full self-start rounded-xl"
      onError={() => setThere(false)}
    />
  );
}

function Samples({ voiceId, count }: { voiceId: string; count: number }) {
  const t = useText().voicevox;
  const sound = useSound();
  if (count === 0) return null;
  return (
    <fieldset className="flex flex-wrap items-center gap-2">
      <legend className="sr-only">{t.samples}</legend>
      {Array.from({ length: count }, (_, index) => (
        <SampleButton key={`${voiceId} ${index}`} voiceId={voiceId} index={index} sound={sound} />
      ))}
    </fieldset>
  );
}

function SampleButton(props: { voiceId: string; index: number; sound: Sound }) {
  const { voiceId, index, sound } = props;
  const text = useText();
  const toast = useToast();
  const key = `${voiceId} sample ${index}`;
  const mine = sound.current?.key === key ? sound.current : null;
  const toggle = async () => {
    if (mine) return sound.stop();
    try {
      await sound.play(key, (signal) => fetchSample(voiceId, index, signal));
    } catch (error) {
      toast(problemWords(text, asProblem(error)).what, "bad");
    }
  };
  return (
    <Button
      icon={mine ? "stop" : "play"}
      busy={mine?.state === "loading"}
      onClick={() => void toggle()}
    >
      {text.voicevox.sample(index + 1)}
    </Button>
  );
}
