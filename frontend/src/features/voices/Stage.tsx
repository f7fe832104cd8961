/** One sentence on the stage: read, recorded, judged, and on to the next. */

import { type ReactNode, type Ref, useEffect, useRef, useSyncExternalStore } from "react";
import { useLanguage } from "../../i18n";
import { useSound } from "../../lib/sound";
import { Button } from "../../ui/Button";
import { DeviceField } from "../../ui/DeviceField";
import { Icon, type IconName } from "../../ui/Icon";
import { LevelBar, type LevelVerdict, verdictOf } from "../../ui/LevelMeter";
import { Notice } from "../../ui/Notice";
import {
  type Booth,
  type BoothView,
  isEnough,
  nextPlace,
  readIn,
  type Sentence,
  speech_s,
} from "./booth";
import { useBoothKeys } from "./boothKeys";
import { SentenceFold, soundOf } from "./SentenceList";

interface StageProps {
  booth: Booth;
  view: BoothView;
  place: number;
}

export function Stage({ booth, view, place }: StageProps) {
  const { t, format } = useLanguage();
  const frame = useRef<HTMLElement>(null);
  const sentence = view.sentences[place] ?? null;
  const isBad = isToBeReadAgain(view, sentence);
  useBoothKeys(booth, isBad);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each sentence is brought into view
  useEffect(() => {
    // A new Chromium answers with a promise, which React would take for the effect's end.
    void frame.current?.scrollIntoView({ block: "start" });
  }, [place]);
  const number = format.integer(place + 1);
  const [done, count] = [readIn(view.sentences).length, view.script.length];
  return (
    <section
      ref={frame}
      data-phase={view.phase}
      aria-label={t.sample.sentence(number, format.integer(count))}
      className="grid scroll-mt-20 gap-4"
    >
      <div className="grid gap-4 rounded-2xl bg-sunk p-4 sm:p-6">
        <Progress view={view} place={place} />
        <h2
          lang={booth.language}
          className="grid min-h-40 place-items-center text-balance text-center font-semibold text-2xl leading-relaxed sm:text-3xl sm:leading-relaxed"
        >
          <span>{view.script[place]}</span>
        </h2>
        {!view.failure && <Meter booth={booth} />}
        <Trouble view={view} />
        <Says booth={booth} view={view} sentence={sentence} />
        {!isHopeless(view) && (
          <Controls booth={booth} view={view} place={place} sentence={sentence} isBad={isBad} />
        )}
        {view.before && (
          <p className="flex flex-wrap items-center justify-center gap-x-2 text-quiet text-sm">
            {t.sample.undoText}
            <Button look="quiet" icon="undo" onClick={() => booth.undo()}>
              {t.sample.undo}
            </Button>
          </p>
        )}
        <p className="hidden text-center text-quiet text-sm pointer-fine:block">{t.sample.keys}</p>
      </div>
      {done < count && isEnough(view.sentences) && (
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <p className="min-w-0 flex-1 basis-56 text-quiet text-sm">
            {t.sample.enough(format.length(speech_s(view.sentences)))}
          </p>
          <Button onClick={() => booth.rest()}>{t.sample.stopHere}</Button>
        </div>
      )}
      <SentenceFold booth={booth} view={view} />
      <Settings booth={booth} view={view} />
    </section>
  );
}

/** What would rather be read again than kept. */
const isToBeReadAgain = ({ mishap }: BoothView, sentence: Sentence | null): boolean =>
  sentence === null || sentence.flaw !== null || mishap !== null;

/** No second try helps: only another address or another browser. */
const isHopeless = ({ failure }: BoothView): boolean =>
  failure === "insecure" || failure === "unsupported";

/** How far one is; a segment is hollow where its sentence could be better. */
function Progress({ view, place }: { view: BoothView; place: number }) {
  const { t, format } = useLanguage();
  return (
    <div className="flex items-center gap-3">
      <p className="shrink-0 font-semibold text-sm tabular-nums">
        {t.sample.progress(format.integer(place + 1), format.integer(view.script.length))}
      </p>
      <div aria-hidden="true" className="flex flex-1 gap-1">
        {view.sentences.map((sentence, at) => (
          <span
            key={view.script[at]}
            className={`h-1.5 flex-1 rounded-full ${segmentLook(sentence)} ${at === place ? "ring-2 ring-mark ring-offset-2 ring-offset-sunk" : ""}`}
          />
        ))}
      </div>
    </div>
  );
}

const segmentLook = (sentence: Sentence | null): string => {
  if (!sentence) return "bg-edge/40";
  return sentence.flaw ? "border-2 border-warn" : "bg-good";
};

/** Which microphone; there is nothing to choose before one is open. */
function Settings({ booth, view }: { booth: Booth; view: BoothView }) {
  const { t } = useLanguage();
  const isAtWork = view.phase !== "ready" && view.phase !== "heard";
  if (view.microphones.length < 2) return null;
  return (
    <details className="rounded-2xl border border-line">
      <summary className="min-h-11 rounded-2xl px-4 py-2.5 font-semibold">
        {t.sample.settings}
      </summary>
      <fieldset disabled={isAtWork} className="px-4 pb-4">
        <DeviceField
          label={t.sample.microphone}
          devices={view.microphones}
          current={view.microphoneId}
          onDevice={(device) => booth.chooseMicrophone(device)}
        />
      </fieldset>
    </details>
  );
}

function Meter({ booth }: { booth: Booth }) {
  const { level_db, loudest_db } = useSyncExternalStore(booth.subscribeLevel, booth.level);
  return (
    <LevelBar
      level_db={level_db}
      verdict={verdictOf(loudest_db)}
      className="h-3 w-full border border-line bg-card"
    />
  );
}

/** What keeps the microphone from opening, or has taken it away. */
function Trouble({ view }: { view: BoothView }) {
  const { t } = useLanguage();
  const words = view.failure
    ? t.newVoice.errors[view.failure]
    : view.mishap && t.sample.mishaps[view.mishap];
  return (
    <div aria-live="assertive" className="empty:hidden">
      {words && (
        <Notice tone="warn" title={words.what}>
          {words.fix}
        </Notice>
      )}
    </div>
  );
}

interface Words {
  text: string;
  /** Praise would be spoken into the microphone by a screen reader: only what helps is read out. */
  isUnspoken?: boolean;
  tone: "plain" | "good" | "warn";
}

/** What to do now, and how it sounds: one line, read out politely whenever it changes. */
function Says({
  booth,
  view,
  sentence,
}: {
  booth: Booth;
  view: BoothView;
  sentence: Sentence | null;
}) {
  const level = useSyncExternalStore(booth.subscribeLevel, () =>
    verdictOf(booth.level().loudest_db),
  );
  const words = useWords(view, sentence, level);
  const look = { plain: "text-quiet", good: "text-good", warn: "text-warn" }[words.tone];
  return (
    <p
      role="status"
      className={`flex ${view.failure ? "" : "min-h-12"} items-center justify-center gap-2 text-balance text-center font-semibold [word-break:auto-phrase] ${look}`}
    >
      {words.tone !== "plain" && <Icon name={words.tone === "good" ? "check" : "alert"} />}
      <span aria-hidden={words.isUnspoken}>{words.text}</span>
    </p>
  );
}

function useWords(view: BoothView, sentence: Sentence | null, level: LevelVerdict): Words {
  const { t } = useLanguage();
  const plain = (text: string): Words => ({ text, tone: "plain" });
  const warn = (text: string): Words => ({ text, tone: "warn" });
  switch (view.phase) {
    case "asking":
      return plain(t.newVoice.asking);
    case "ready":
      return plain(t.sample.ready);
    case "hush":
      return plain(t.sample.hush);
    case "heard": {
      const flaw = view.mishap === "silent" ? "silent" : sentence?.flaw;
      return flaw ? warn(t.sample.flaws[flaw]?.text ?? "") : { ...t.sample.good, tone: "good" };
    }
    case "recording":
    case "stopping":
      // Nobody is loud in the first second: they only begin.
      if (level === "tooQuiet")
        return view.elapsed_s < 2 ? plain(t.sample.read) : warn(t.newVoice.tooQuiet);
      if (level === "tooLoud") return warn(t.newVoice.tooLoud);
      return view.isRoomNoisy
        ? warn(t.sample.noisyRoom)
        : { text: t.newVoice.goodLevel, tone: "good", isUnspoken: true };
    default:
      return plain("");
  }
}

interface ControlsProps extends StageProps {
  sentence: Sentence | null;
  isBad: boolean;
}

/** The one obvious next step is big and always at the same place: start, stop, next. */
function Controls({ booth, view, place, sentence, isBad }: ControlsProps) {
  const { t } = useLanguage();
  const sound = useSound();
  const { phase } = view;
  const isHeard = phase === "heard";
  const isOn = phase === "hush" || phase === "recording";
  const big = useFocusOn(`${place} ${phase === "heard" ? "heard" : isOn ? "on" : phase}`);
  const isLast = nextPlace(view.sentences, place) === null;
  const next = () => {
    sound.stop();
    booth.next();
  };
  const toggle = () => {
    sound.stop();
    booth.toggle();
  };
  const listen = () => {
    if (sound.current) return sound.stop();
    // A sound that cannot be played leaves the button as it was.
    if (sentence) sound.play("sentence", () => soundOf(sentence)).catch(() => undefined);
  };
  const isAsking = phase === "asking" || phase === "stopping";
  const onward = isLast ? t.sample.finish : t.sample.next;
  return (
    <div className="grid grid-cols-3 items-start justify-items-center gap-2">
      {isHeard && sentence ? (
        <Side
          icon={sound.current ? "stop" : "play"}
          label={sound.current ? t.sample.quiet : t.sample.listen}
          onClick={listen}
        />
      ) : (
        <Clock view={view} />
      )}
      {isHeard && !isBad ? (
        <Big
          ref={big}
          icon={isLast ? "check" : "back"}
          isTurned={!isLast}
          label={onward}
          onClick={next}
        />
      ) : (
        <Big
          ref={big}
          icon={isOn || phase === "stopping" ? "stop" : "microphone"}
          isOn={isOn || phase === "stopping"}
          isBusy={isAsking}
          label={
            isOn || phase === "stopping"
              ? t.sample.stop
              : isHeard
                ? t.sample.again
                : phase === "blocked"
                  ? t.common.tryAgain
                  : t.sample.record
          }
          onClick={toggle}
        />
      )}
      {isHeard && sentence && !isBad && (
        <Side icon="microphone" label={t.sample.again} onClick={toggle} />
      )}
      {isHeard && sentence && isBad && (
        <Side
          icon={isLast ? "check" : "back"}
          isTurned={!isLast}
          label={t.sample.keep}
          onClick={next}
        />
      )}
    </div>
  );
}

function Clock({ view }: { view: BoothView }) {
  const { t, format } = useLanguage();
  const isOn = view.phase === "recording" || view.phase === "stopping";
  if (!isOn) return <span />;
  return (
    <p
      role="timer"
      aria-label={t.sample.timer(format.length(view.elapsed_s))}
      className="self-center font-bold text-xl tabular-nums"
    >
      {format.clock(view.elapsed_s)}
    </p>
  );
}

/** The button that comes next gets the focus, for whoever works this stage by keyboard. */
function useFocusOn(step: string): Ref<HTMLButtonElement> {
  const button = useRef<HTMLButtonElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each step asks for the focus anew
  useEffect(() => {
    const { activeElement } = document;
    const isFree = activeElement === document.body || activeElement?.closest("[data-step]");
    if (isFree) button.current?.focus({ preventScroll: true });
  }, [step]);
  return button;
}

interface BigProps {
  icon: IconName;
  label: ReactNode;
  onClick: () => void;
  ref: Ref<HTMLButtonElement>;
  isOn?: boolean;
  isBusy?: boolean;
  isTurned?: boolean;
}

function Big({ icon, label, onClick, ref, isOn, isBusy, isTurned }: BigProps) {
  return (
    <button
      ref={ref}
      type="button"
      data-step
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? undefined : onClick}
      className="group grid justify-items-center gap-2 rounded-2xl px-2 pt-1 pb-2 text-center font-semibold leading-tight"
    >
      <span
        className={`grid size-20 place-items-center rounded-full text-mark-ink transition-transform group-hover:scale-105 group-active:scale-95 ${isOn ? "bg-ink text-paper" : "bg-mark"} ${isBusy ? "animate-breathe" : ""}`}
      >
        <Icon name={icon} className={`size-9 ${isTurned ? "rotate-180" : ""}`} />
      </span>
      {label}
    </button>
  );
}

interface SideProps {
  icon: IconName;
  label: string;
  onClick: () => void;
  isTurned?: boolean;
}

function Side({ icon, label, onClick, isTurned }: SideProps) {
  return (
    <button
      type="button"
      data-step
      onClick={onClick}
      className="grid justify-items-center gap-2 rounded-2xl px-2 pt-4 pb-2 text-center font-semibold text-sm leading-tight"
    >
      <span className="grid size-13 place-items-center rounded-full border border-edge bg-card text-mark hover:bg-tint">
        <Icon name={icon} className={`size-6 ${isTurned ? "rotate-180" : ""}`} />
      </span>
      {label}
    </button>
  );
}
