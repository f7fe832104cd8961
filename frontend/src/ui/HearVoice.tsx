/** A button that has a voice say a sentence. */

import { useText } from "../i18n";
import { fetchPreview } from "../lib/previews";
import { asProblem, problemWords } from "../lib/problems";
import type { Sound } from "../lib/sound";
import { Icon } from "./Icon";
import { Spinner } from "./Spinner";
import { useToast } from "./Toasts";

interface HearVoiceProps {
  id: string;
  name: string;
  language: string;
  sentence: string;
  sound: Sound;
}

export function HearVoice({ id, name, language, sentence, sound }: HearVoiceProps) {
  const t = useText();
  const toast = useToast();
  const key = `${id} ${language}`;
  const mine = sound.current?.key === key ? sound.current : null;
  const toggle = async () => {
    if (mine) return sound.stop();
    try {
      await sound.play(key, (signal) => fetchPreview(id, sentence, language, signal));
    } catch (error) {
      toast(problemWords(t, asProblem(error)).what, "bad");
    }
  };
  return (
    <button
      type="button"
      onClick={() => void toggle()}
      aria-label={mine ? t.compose.voiceStop : t.compose.voiceHear(name)}
      className="grid size-11 shrink-0 place-items-center rounded-full text-mark hover:bg-sunk"
    >
      {mine?.state === "loading" ? <Spinner /> : <Icon name={mine ? "stop" : "play"} />}
    </button>
  );
}
