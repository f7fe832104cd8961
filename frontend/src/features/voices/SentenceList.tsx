/** Every sentence of the script with its verdict; each can be heard and read again. */

import { useLanguage } from "../../i18n";
import { useSound } from "../../lib/sound";
import { Icon } from "../../ui/Icon";
import { type Booth, type BoothView, readIn, type Sentence } from "./booth";
import { VerdictMark } from "./VerdictMark";
import { encodeWav, WAV_TYPE } from "./wav";

/** A sentence as a file that a browser can play. */
export const soundOf = async ({ sound }: Sentence): Promise<Blob> =>
  new Blob([encodeWav(sound)], { type: WAV_TYPE });

interface FoldProps {
  booth: Booth;
  view: BoothView;
  isOpen?: boolean;
}

/** The sentences, folded away until somebody wants to go back to one. */
export function SentenceFold({ booth, view, isOpen = false }: FoldProps) {
  const { t, format } = useLanguage();
  const [done, count] = [readIn(view.sentences).length, view.script.length];
  return (
    <details className="rounded-2xl border border-line" open={isOpen}>
      <summary className="min-h-11 rounded-2xl px-4 py-2.5 font-semibold">
        {t.sample.list(format.integer(done), format.integer(count))}
      </summary>
      <div className="px-2 pb-2">
        <SentenceList booth={booth} view={view} />
      </div>
    </details>
  );
}

function SentenceList({ booth, view }: { booth: Booth; view: BoothView }) {
  const sound = useSound();
  return (
    <ol className="grid gap-2">
      {view.script.map((text, place) => (
        <li key={text}>
          <Row
            text={text}
            place={place}
            booth={booth}
            sentence={view.sentences[place] ?? null}
            sound={sound}
          />
        </li>
      ))}
    </ol>
  );
}

interface RowProps {
  text: string;
  place: number;
  booth: Booth;
  sentence: Sentence | null;
  sound: ReturnType<typeof useSound>;
}

function Row({ text, place, booth, sentence, sound }: RowProps) {
  const { t, format } = useLanguage();
  const number = format.integer(place + 1);
  const isPlaying = sentence !== null && sound.current?.key === `${place} ${sentence.recordedMs}`;
  const listen = () => {
    if (isPlaying || !sentence) return sound.stop();
    // A sound that cannot be played leaves the button as it was.
    sound.play(`${place} ${sentence.recordedMs}`, () => soundOf(sentence)).catch(() => undefined);
  };
  return (
    <div className="flex items-center gap-1 rounded-xl border border-line bg-card py-2 ps-3 pe-1">
      <div className="min-w-0 flex-1">
        <p lang={booth.language} className="leading-snug">
          <span className="me-1.5 text-quiet text-sm tabular-nums">{number}.</span>
          {text}
        </p>
        <VerdictMark sentence={sentence} />
      </div>
      {sentence && (
        <Small
          icon={isPlaying ? "stop" : "play"}
          label={isPlaying ? t.sample.quiet : t.sample.rowListen(number)}
          onClick={listen}
        />
      )}
      <Small
        icon="microphone"
        label={sentence ? t.sample.rowAgain(number) : t.sample.rowRecord(number)}
        onClick={() => {
          sound.stop();
          booth.go(place);
        }}
      />
    </div>
  );
}

interface SmallProps {
  icon: "play" | "stop" | "microphone";
  label: string;
  onClick: () => void;
}

function Small({ icon, label, onClick }: SmallProps) {
  return (
    <button
      type="button"
      aria-label={label}
      onClick={onClick}
      className="grid size-11 shrink-0 place-items-center rounded-full text-mark hover:bg-tint"
    >
      <Icon name={icon} />
    </button>
  );
}
