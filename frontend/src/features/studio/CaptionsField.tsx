/** What is said, for those who cannot hear it: typed, or from a file. */

import { useId, useRef } from "react";
import { useText } from "../../i18n";
import type { Words } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { FieldProblem } from "../../ui/Field";
import { Icon } from "../../ui/Icon";

interface CaptionsFieldProps {
  script: string;
  file: File | null;
  problem: Words | undefined;
  onScript: (script: string) => void;
  onFile: (file: File | null) => void;
}

export function CaptionsField({ script, file, problem, onScript, onFile }: CaptionsFieldProps) {
  const t = useText();
  const id = useId();
  const chooser = useRef<HTMLInputElement>(null);
  return (
    <div className="grid gap-2">
      <label htmlFor={id} className="font-semibold">
        {t.studio.captions}
        <span className="font-normal text-quiet text-sm"> ({t.common.optional})</span>
      </label>
      {file ? (
        <p className="flex items-center gap-2 rounded-xl bg-sunk px-4 py-3">
          <Icon name="captions" />
          {t.studio.captionsChosen(file.name)}
        </p>
      ) : (
        <textarea
          id={id}
          rows={3}
          value={script}
          aria-describedby={`${id}-hint ${id}-problem`}
          aria-invalid={Boolean(problem)}
          onChange={(event) => onScript(event.target.value)}
          className="field-sizing-content max-h-60 min-h-24 w-full resize-y rounded-xl border border-edge bg-card px-4 py-3 aria-invalid:border-2 aria-invalid:border-bad"
        />
      )}
      <p id={`${id}-hint`} className="text-quiet text-sm">
        {t.studio.captionsHint}
      </p>
      <Button
        look="quiet"
        icon="file"
        className="justify-self-start"
        onClick={() => (file ? onFile(null) : chooser.current?.click())}
      >
        {file ? t.studio.captionsDrop : t.studio.captionsFile}
      </Button>
      <input
        ref={chooser}
        type="file"
        tabIndex={-1}
        aria-hidden="true"
        accept=".vtt,.srt,text/vtt,application/x-subrip"
        className="hidden"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = "";
          if (chosen) onFile(chosen);
        }}
      />
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}
