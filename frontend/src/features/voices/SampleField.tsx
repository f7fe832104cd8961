/** The sample: read aloud here, or a file. */

import { type DragEvent, useId, useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import type { Words } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { FieldProblem } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { LevelMeter } from "../../ui/LevelMeter";
import { Notice } from "../../ui/Notice";
import { BEST_S, LONGEST_S, type Recorder } from "./recorder";

export type SampleWay = "record" | "file";

interface SampleFieldProps {
  way: SampleWay;
  onWay: (way: SampleWay) => void;
  recorder: Recorder;
  file: File | null;
  onFile: (file: File) => void;
  language: string;
  problem: Words | null | undefined;
  isLocked: boolean;
}

export function SampleField(props: SampleFieldProps) {
  const { way, onWay, problem, isLocked } = props;
  const { t } = useLanguage();
  const id = useId();
  const ways = [
    ["record", "microphone", t.newVoice.record, t.newVoice.recordHint],
    ["file", "file", t.newVoice.file, t.newVoice.fileHint],
  ] as const;
  return (
    <fieldset
      disabled={isLocked}
      aria-describedby={`${id}-problem`}
      aria-invalid={Boolean(problem)}
      className="grid gap-5"
    >
      <legend className="mb-2.5 font-semibold">{t.newVoice.how}</legend>
      <div className="grid grid-cols-2 gap-3">
        {ways.map(([name, icon, label, hint]) => (
          <label
            key={name}
            className="flex flex-col items-center gap-1.5 rounded-xl border border-edge bg-card p-4 text-center has-checked:border-mark has-checked:bg-tint has-checked:ring-1 has-checked:ring-mark has-focus-visible:outline-3 has-focus-visible:outline-mark has-focus-visible:outline-offset-2"
          >
            <input
              type="radio"
              name={id}
              className="sr-only"
              checked={way === name}
              onChange={() => onWay(name)}
            />
            <Icon name={icon} className="size-7 text-mark" />
            <span className="font-semibold">{label}</span>
            <span className="text-quiet text-xs">{hint}</span>
          </label>
        ))}
      </div>
      {way === "record" ? <RecordPart {...props} /> : <FilePart {...props} />}
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </fieldset>
  );
}

function RecordPart({ recorder, language }: SampleFieldProps) {
  const { t, format } = useLanguage();
  const { state, failure } = recorder;
  const words = failure ? t.newVoice.errors[failure] : null;
  return (
    <div className="grid gap-4">
      {state.phase !== "done" && (
        <figure className="rounded-2xl bg-sunk p-5">
          <figcaption className="mb-2 text-quiet text-sm">{t.newVoice.readAloud}</figcaption>
          <p lang={language} className="text-lg leading-loose">
            {t.newVoice.texts[language] ?? t.newVoice.texts.en}
          </p>
        </figure>
      )}
      {state.phase === "idle" && (
        <ul className="grid gap-1 text-quiet text-sm">
          {t.newVoice.tips.map((tip) => (
            <li key={tip} className="flex gap-2">
              <Icon name="check" className="mt-0.5 size-4 text-good" />
              {tip}
            </li>
          ))}
        </ul>
      )}
      <div aria-live="assertive" className="empty:contents">
        {words && (
          <Notice tone="warn" title={words.what}>
            {words.fix}
          </Notice>
        )}
      </div>
      {state.phase === "done" ? (
        <Recorded recorder={recorder} />
      ) : (
        <div className="grid justify-items-center gap-4">
          {state.phase === "recording" && (
            <>
              <p
                className="font-bold text-4xl tabular-nums"
                role="timer"
                aria-label={format.length(recorder.elapsed_s)}
              >
                {format.clock(Math.floor(recorder.elapsed_s))}
              </p>
              {recorder.stream && <LevelMeter stream={recorder.stream} />}
              <p role="status" className="text-center text-quiet text-sm">
                {recorder.elapsed_s < BEST_S ? t.newVoice.short : t.newVoice.enough}
              </p>
            </>
          )}
          <RecordButton recorder={recorder} />
        </div>
      )}
    </div>
  );
}

function RecordButton({ recorder }: { recorder: Recorder }) {
  const { t } = useLanguage();
  const isOn = recorder.state.phase === "recording";
  const isAsking = recorder.state.phase === "asking";
  const words = isOn ? t.newVoice.stop : isAsking ? t.newVoice.asking : t.newVoice.start;
  return (
    <button
      type="button"
      onClick={() => (isOn ? recorder.stop() : void recorder.start())}
      aria-disabled={isAsking || undefined}
      className="group grid justify-items-center gap-2 rounded-2xl p-3 font-semibold"
    >
      <span
        className={`grid size-20 place-items-center rounded-full text-mark-ink transition-transform group-hover:scale-105 ${isOn ? "bg-ink text-paper" : "bg-mark"} ${isAsking ? "animate-breathe" : ""}`}
      >
        <Icon name={isOn ? "stop" : "microphone"} className="size-9" />
      </span>
      {words}
    </button>
  );
}

function Recorded({ recorder }: { recorder: Recorder }) {
  const { t, format } = useLanguage();
  if (recorder.state.phase !== "done") return null;
  const { recording } = recorder.state;
  return (
    <div className="grid gap-3 rounded-2xl bg-sunk p-4">
      <p className="flex items-center gap-2 font-semibold">
        <Icon name="check" className="text-good" />
        {t.newVoice.recorded(format.length(recording.duration_s))}
      </p>
      {recording.duration_s >= LONGEST_S - 1 && (
        <p className="text-quiet text-sm">{t.newVoice.maximum}</p>
      )}
      {/* biome-ignore lint/a11y/useMediaCaption: the speaker has just read the words on this page */}
      <audio controls src={recording.url} aria-label={t.newVoice.listen} className="w-full" />
      <Button icon="microphone" className="justify-self-start" onClick={recorder.reset}>
        {t.newVoice.again}
      </Button>
    </div>
  );
}

function FilePart({ file, onFile }: SampleFieldProps) {
  const { t, format } = useLanguage();
  const chooser = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button does the same
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`grid justify-items-center gap-3 rounded-2xl border-2 border-dashed bg-sunk p-7 text-center ${isOver ? "border-mark" : "border-edge"}`}
    >
      <Icon name={file ? "voice" : "file"} className="size-9 text-mark" />
      {file ? (
        <p className="font-semibold">{t.newVoice.chosen(file.name, format.size(file.size))}</p>
      ) : (
        <p className="hidden text-quiet pointer-fine:block">{t.newVoice.drop}</p>
      )}
      <Button icon="file" onClick={() => chooser.current?.click()}>
        {file ? t.newVoice.replace : t.newVoice.choose}
      </Button>
      <input
        ref={chooser}
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        accept="audio/*,.wav,.mp3,.m4a,.flac,.ogg,.opus,.webm"
        className="hidden"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = "";
          if (chosen) onFile(chosen);
        }}
      />
    </div>
  );
}
