/** The guided recording: a script, sentence by sentence, until there is a sample. */

import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLanguage } from "../../i18n";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import {
  type Booth,
  type BoothView,
  isEnough,
  readIn,
  type Sentences,
  sampleFile,
  speech_s,
} from "./booth";
import { SentenceFold } from "./SentenceList";
import { Stage } from "./Stage";

export function Guide({ booth }: { booth: Booth }) {
  const view = useSyncExternalStore(booth.subscribe, booth.snapshot);
  const read = readIn(view.sentences);
  const hasBeenOnStage = useRef(false);
  if (view.place !== null) hasBeenOnStage.current = true;
  return (
    <div className="grid gap-4">
      <Keeping view={view} />
      {view.place !== null ? (
        <Stage booth={booth} view={view} place={view.place} />
      ) : view.isLoaded && read.length > 0 ? (
        <Overview booth={booth} view={view} isArrival={hasBeenOnStage.current} />
      ) : (
        <Entrance booth={booth} view={view} />
      )}
    </div>
  );
}

function Keeping({ view }: { view: BoothView }) {
  const { t } = useLanguage();
  const words = t.sample.keeping[view.keeping];
  return (
    <div aria-live="polite" className="empty:hidden">
      {words && <Notice tone="warn">{words}</Notice>}
    </div>
  );
}

/** Before the first sentence: what is asked for, and why. */
function Entrance({ booth, view }: { booth: Booth; view: BoothView }) {
  const { t, format } = useLanguage();
  return (
    <div className="grid justify-items-center gap-5 rounded-2xl bg-sunk p-5 text-center sm:p-7">
      <p className="max-w-sm text-balance font-semibold [word-break:auto-phrase]">
        {t.sample.lead(format.integer(view.script.length))}
      </p>
      <ul className="grid gap-1 text-start text-quiet text-sm">
        {t.sample.tips.map((tip) => (
          <li key={tip} className="flex gap-2">
            <Icon name="check" className="mt-0.5 size-4 text-good" />
            {tip}
          </li>
        ))}
      </ul>
      <Button
        look="primary"
        icon="microphone"
        onClick={() => booth.begin()}
        className="min-h-13 px-6 text-lg"
      >
        {t.newVoice.start}
      </Button>
      <p className="max-w-sm text-balance text-quiet text-sm [word-break:auto-phrase]">
        {t.sample.reason}
      </p>
    </div>
  );
}

interface OverviewProps {
  booth: Booth;
  view: BoothView;
  /** Somebody has just come here from the stage, and looks for how it went. */
  isArrival: boolean;
}

/** What has been read: whole, or to go on with. */
function Overview({ booth, view, isArrival }: OverviewProps) {
  const { t, format } = useLanguage();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isArrival) return;
    box.current?.focus({ preventScroll: true });
    void box.current?.scrollIntoView({ block: "start" });
  }, [isArrival]);
  const { sentences } = view;
  const read = readIn(sentences);
  const isWhole = read.length === sentences.length;
  const length = format.length(speech_s(sentences));
  const flawed = read.filter(({ flaw }) => flaw !== null).length;
  return (
    <div className="grid gap-4">
      <div
        ref={box}
        tabIndex={-1}
        className={`flex scroll-mt-20 gap-3 rounded-2xl p-4 outline-none ${isWhole ? "bg-good-tint" : "bg-sunk"}`}
      >
        <Icon
          name={isWhole ? "check" : "microphone"}
          className={`mt-0.5 size-5 ${isWhole ? "text-good" : "text-mark"}`}
        />
        <div className="grid gap-1">
          <p className="font-semibold [word-break:auto-phrase]">
            {isWhole ? t.sample.complete(length) : <Offer view={view} />}
          </p>
          {!isWhole && isEnough(sentences) && <p>{t.sample.enough(length)}</p>}
          {flawed > 0 && <p>{t.sample.flawed(format.integer(flawed))}</p>}
        </div>
      </div>
      {!isWhole && (
        <Button
          look="primary"
          icon="microphone"
          onClick={() => booth.begin()}
          className="min-h-13 text-lg"
        >
          {t.sample.goOn}
        </Button>
      )}
      <SampleSound sentences={sentences} />
      <SentenceFold booth={booth} view={view} isOpen={flawed > 0} />
      <StartOver booth={booth} />
    </div>
  );
}

function Offer({ view }: { view: BoothView }): ReactNode {
  const { t, format } = useLanguage();
  const read = readIn(view.sentences);
  const newestMs = Math.max(...read.map(({ recordedMs }) => recordedMs));
  const [done, count] = [read.length, view.script.length].map(format.integer);
  return t.sample.offer(done ?? "", count ?? "", format.ago(new Date(newestMs).toISOString()));
}

/** All sentences, one after another, as they will be sent. */
function SampleSound({ sentences }: { sentences: Sentences }) {
  const { t } = useLanguage();
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const file = sampleFile(sentences);
    if (!file) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [sentences]);
  return (
    // biome-ignore lint/a11y/useMediaCaption: the speaker has just read the words on this page
    <audio controls src={url} aria-label={t.sample.whole} className="w-full" />
  );
}

function StartOver({ booth }: { booth: Booth }) {
  const { t } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button
        look="quiet"
        icon="trash"
        className="justify-self-start"
        onClick={() => setAsking(true)}
      >
        {t.sample.startOver}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.sample.startOverTitle}
        text={t.sample.startOverText}
        confirm={t.common.delete}
        onConfirm={() => {
          setAsking(false);
          void booth.forget();
        }}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
