/** The sample: read aloud here, or a file. */

import { type DragEvent, useId, useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import type { Words } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { FieldProblem } from "../../ui/Field";
import { FileInput } from "../../ui/FileInput";
import { Icon } from "../../ui/Icon";
import type { Booth } from "./booth";
import { Guide } from "./Guide";

export type SampleWay = "record" | "file";

interface SampleFieldProps {
  way: SampleWay;
  onWay: (way: SampleWay) => void;
  booth: Booth;
  file: File | null;
  onFile: (file: File) => void;
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
      {way === "record" ? <Guide booth={props.booth} /> : <FilePart {...props} />}
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </fieldset>
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
      <FileInput
        ref={chooser}
        accept="audio/*,.wav,.mp3,.m4a,.flac,.ogg,.opus,.webm"
        onFile={onFile}
      />
    </div>
  );
}
