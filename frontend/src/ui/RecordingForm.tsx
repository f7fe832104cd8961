/** A recording that is about to be sent: seen, cut, named, and what is heard and read in it. */

import { type ComponentProps, type ReactNode, useRef } from "react";
import { useText } from "../i18n";
import { useFirstProblem } from "../lib/firstProblem";
import type { Words } from "../lib/problems";
import { type RecordingContent, type RecordingField, scriptChanges } from "../lib/recordings";
import { isTrimmed, type Trim } from "../lib/trim";
import { CaptionsField } from "./CaptionsField";
import { TextField } from "./Field";
import { MusicField } from "./MusicField";
import { Notice, WordsNotice } from "./Notice";
import { Card } from "./Page";
import { SoundField } from "./SoundField";
import { TrimField } from "./TrimField";

interface RecordingFormProps {
  content: RecordingContent;
  onChange: (field: RecordingField, changes: Partial<RecordingContent>) => void;
  trim: Trim;
  durationS: number;
  /** With the place that the moved edge has now, so that it can be shown. */
  onTrim: (trim: Trim, atS: number) => void;
  captions: Pick<ComponentProps<typeof CaptionsField>, "given" | "isBusy" | "onFile" | "actions">;
  told: { fields: Partial<Record<RecordingField, Words>>; rest: Words | null };
  onSubmit: () => void;
  player: ReactNode;
  /** Above all: what went wrong before. */
  notices?: ReactNode;
  /** Which of several recordings it is. */
  takes?: ReactNode;
  /** How it looks and what is heard under it, where more than music can be chosen. */
  look?: ReactNode;
  /** Whether something will be seen that the recording itself does not show. */
  isWrittenInto?: boolean;
  /** How far it is saved or sent, and the button that sends it. */
  bar: ReactNode;
  actions?: ReactNode;
}

export function RecordingForm(props: RecordingFormProps) {
  const { content, onChange, trim, durationS, onTrim, told, onSubmit } = props;
  const t = useText();
  const form = useRef<HTMLFormElement>(null);
  // On a phone the marked place may be far above the button that was pressed.
  useFirstProblem(form, Object.keys(told.fields).join());
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_24rem] lg:items-start lg:gap-8"
    >
      <div className="contents *:lg:col-span-2">
        {props.notices}
        <WordsNotice words={told.rest} />
      </div>
      <div className="grid gap-5 lg:sticky lg:top-22">
        {props.player}
        <Card>
          <TrimField
            value={trim}
            durationS={durationS}
            problem={told.fields.trim}
            onValue={onTrim}
          />
        </Card>
      </div>
      <div className="grid gap-5">
        {props.takes}
        <Card className="grid gap-7">
          <TextField
            label={t.compose.headline}
            hint={t.compose.headlineHint}
            placeholder={t.compose.headlinePlaceholder}
            isOptional
            maxLength={200}
            value={content.title}
            onValue={(title) => onChange("title", { title })}
            problem={told.fields.title}
          />
          <SoundField content={content} problems={told.fields} onChange={onChange} />
          {content.voice === null ? (
            <CaptionsField
              script={content.script}
              language={content.language}
              problem={told.fields.captions ?? told.fields.script}
              onScript={(script) => onChange("script", scriptChanges(content, script))}
              {...props.captions}
            />
          ) : (
            <p className="text-quiet text-sm">{t.recorded.captionsOfVoice}</p>
          )}
          {props.look ?? (
            <MusicField
              uploadId={content.music_upload_id}
              track={content.music_track}
              problem={told.fields.music}
              onMusic={(music) => onChange("music", music)}
            />
          )}
        </Card>
        <div role="status" className="empty:hidden">
          {(content.voice !== null || props.isWrittenInto || isTrimmed(trim, durationS)) && (
            <Notice>{t.recorded.linkLater}</Notice>
          )}
        </div>
        <div className="fixed inset-x-0 bottom-0 z-20 border-line border-t bg-paper/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:static lg:rounded-2xl lg:border lg:bg-card lg:shadow-card">
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3 md:px-8 lg:px-5 lg:py-4">
            {props.bar}
          </div>
        </div>
        {props.actions}
      </div>
    </form>
  );
}
