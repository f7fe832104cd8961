/** A button that says one sentence of the script as the video will. */

import { useText } from "../../i18n";
import { fetchPreview, type Wish } from "../../lib/previews";
import { asProblem, refusedWords } from "../../lib/problems";
import type { Sound } from "../../lib/sound";
import { Icon } from "../../ui/Icon";
import { Spinner } from "../../ui/Spinner";
import { useToast } from "../../ui/Toasts";

interface HearSentenceProps {
  /** As it stands in the script. */
  text: string;
  language: string;
  voice: string | null;
  wish: Wish;
  /** Whether `wish` is as yet nothing that can be spoken. */
  isUnreadable?: boolean;
  sound: Sound;
  /** How it is told, and told from others of the same text. */
  name?: string;
  onHeard?: () => void;
}

export function HearSentence(props: HearSentenceProps) {
  const { text, language, voice, wish, isUnreadable = false, sound, name = text } = props;
  const t = useText();
  const toast = useToast();
  const mine = sound.current?.key === name ? sound.current : null;
  const toggle = async () => {
    if (mine) return sound.stop();
    if (isUnreadable || !voice) return;
    try {
      await sound.play(name, (signal) => fetchPreview(voice, text, language, signal, wish));
      props.onHeard?.();
    } catch (error) {
      toast(refusedWords(t, asProblem(error))?.what ?? t.problems.internal.what, "bad");
    }
  };
  return (
    <button
      type="button"
      onClick={() => void toggle()}
      aria-disabled={isUnreadable || !voice}
      aria-label={mine ? t.compose.voiceStop : t.compose.voiceHear(name)}
      className="grid size-11 shrink-0 place-items-center rounded-full text-mark hover:bg-tint aria-disabled:opacity-60"
    >
      {mine?.state === "loading" ? <Spinner /> : <Icon name={mine ? "stop" : "play"} />}
    </button>
  );
}
