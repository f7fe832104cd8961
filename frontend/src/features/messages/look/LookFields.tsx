/** How the video looks and what is heard under the voice. */

import { useId } from "react";
import { useText } from "../../../i18n";
import type { Words } from "../../../lib/problems";
import { FieldProblem, TextField } from "../../../ui/Field";
import { MusicField } from "../../../ui/MusicField";
import { Way } from "../../../ui/Way";
import { Disclosure } from "../Disclosure";
import type { DraftContent } from "../draft";
import { ThemeField } from "./ThemeField";
import { themeChanges } from "./theme";

export type LookField =
  | "theme"
  | "music"
  | "title_card"
  | "closing_card"
  | "burned_captions"
  | "waveform";
export type FilmedLookField = Exclude<LookField, "waveform">;

/** Those that few people change. */
const INNER = ["title_card", "closing_card", "burned_captions"] as const;

interface LookFieldsProps {
  content: DraftContent;
  problemOf: (field: FilmedLookField) => Words | undefined;
  onChange: (field: FilmedLookField, changes: Partial<DraftContent>) => void;
  /** What moves with the voice: nothing does in a recording. */
  waveform?: { problem: Words | undefined; onChange: (changes: Partial<DraftContent>) => void };
}

export function LookFields({ content, problemOf, onChange, waveform }: LookFieldsProps) {
  const t = useText();
  return (
    <>
      <ThemeField
        value={content.theme}
        problem={problemOf("theme")}
        onTheme={(before, theme) => onChange("theme", themeChanges(content, before, theme))}
      />
      <MusicField
        uploadId={content.music_upload_id}
        track={content.music_track}
        problem={problemOf("music")}
        onMusic={(music) => onChange("music", music)}
      />
      <Disclosure
        title={t.look.more}
        icon="settings"
        isNeeded={[...INNER.map(problemOf), waveform?.problem].some(Boolean)}
      >
        <TextField
          label={t.look.titleCard}
          hint={t.look.titleHint}
          isOptional
          maxLength={120}
          value={content.title_card}
          problem={problemOf("title_card")}
          onValue={(title_card) => onChange("title_card", { title_card })}
        />
        <TextField
          label={t.look.closingCard}
          hint={t.look.closingHint}
          isOptional
          maxLength={120}
          value={content.closing_card}
          problem={problemOf("closing_card")}
          onValue={(closing_card) => onChange("closing_card", { closing_card })}
        />
        <CaptionsWays
          value={content.burned_captions}
          problem={problemOf("burned_captions")}
          onValue={(burned_captions) => onChange("burned_captions", { burned_captions })}
        />
        {waveform && (
          <WaveformWays
            value={content.waveform}
            problem={waveform.problem}
            onValue={(chosen) => waveform.onChange({ waveform: chosen })}
          />
        )}
      </Disclosure>
    </>
  );
}

interface WaysProps<Value extends string> {
  value: Value;
  problem: Words | undefined;
  onValue: (value: Value) => void;
}

function CaptionsWays(props: WaysProps<DraftContent["burned_captions"]>) {
  const { look } = useText();
  return (
    <Ways
      {...props}
      legend={look.captions}
      ways={[
        { value: "none", name: look.captionsSoft, note: look.captionsSoftNote },
        { value: "sentence", name: look.captionsBurned, note: look.captionsBurnedNote },
        { value: "word", name: look.captionsWord, note: look.captionsWordNote },
      ]}
    />
  );
}

function WaveformWays(props: WaysProps<DraftContent["waveform"]>) {
  const { look } = useText();
  return (
    <Ways
      {...props}
      legend={look.waveform}
      ways={[
        { value: "bars", name: look.waveformBars },
        { value: "ring", name: look.waveformRing },
        { value: "none", name: look.waveformNone },
      ]}
    />
  );
}

interface WayChoice<Value> {
  value: Value;
  name: string;
  note?: string;
}

function Ways<Value extends string>(
  props: WaysProps<Value> & { legend: string; ways: WayChoice<Value>[] },
) {
  const id = useId();
  return (
    <fieldset aria-describedby={`${id}-problem`} aria-invalid={Boolean(props.problem)}>
      <legend className="mb-1.5 font-semibold">{props.legend}</legend>
      <div className="grid gap-2">
        {props.ways.map(({ value, name, note }) => (
          <Way
            key={value}
            group={id}
            name={name}
            note={note}
            isChosen={props.value === value}
            onChoose={() => props.onValue(value)}
          />
        ))}
      </div>
      <FieldProblem id={`${id}-problem`} problem={props.problem} />
    </fieldset>
  );
}
