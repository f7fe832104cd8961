/** What is said, for those who cannot hear it: typed, or from a file. */

import { type ReactNode, useId, useRef } from "react";
import { useText } from "../i18n";
import type { Words } from "../lib/problems";
import { Button } from "./Button";
import { FieldProblem } from "./Field";
import { FileInput } from "./FileInput";
import { Icon } from "./Icon";

interface CaptionsFieldProps {
  script: string;
  language: string;
  /** In words, the captions that take the place of typed ones. */
  given: string | null;
  isBusy?: boolean;
  problem: Words | undefined;
  onScript: (script: string) => void;
  /** A caption file, or null to leave given ones out. */
  onFile: (file: File | null) => void;
  /** What else can be done with given captions. */
  actions?: ReactNode;
}

export function CaptionsField(props: CaptionsFieldProps) {
  const { script, language, given, isBusy = false, problem, onScript, onFile, actions } = props;
  const t = useText();
  const id = useId();
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <div className="grid gap-2">
      <label htmlFor={id} className="font-semibold">
        {t.studio.captions}
        <span className="font-normal text-quiet text-sm"> ({t.common.optional})</span>
      </label>
      {given ? (
        <p className="flex items-center gap-2 rounded-xl bg-sunk px-4 py-3">
          <Icon name="captions" />
          {given}
        </p>
      ) : (
        <textarea
          id={id}
          rows={3}
          lang={language}
          value={script}
          aria-describedby={`${id}-hint ${id}-problem`}
          aria-invalid={Boolean(problem)}
          onChange={(event) => onScript(event.target.value)}
          className="field-sizing-content max-h-60 min-h-24 w-full resize-y rounded-xl border border-edge bg-card px-4 py-3 aria-invalid:border-2 aria-invalid:border-bad"
        />
      )}
      {!given && (
        <p id={`${id}-hint`} className="text-quiet text-sm">
          {t.studio.captionsHint}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {given && actions}
        <Button
          look="quiet"
          icon="file"
          busy={isBusy}
          onClick={() => (given ? onFile(null) : chooser.current?.click())}
        >
          {given ? t.studio.captionsDrop : t.studio.captionsFile}
        </Button>
      </div>
      <FileInput ref={chooser} accept=".vtt,.srt,text/vtt,application/x-subrip" onFile={onFile} />
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}
