/** One caption: heard, read, and, when it is open, changed. */

import { type KeyboardEvent, memo, useEffect, useId, useRef, useState } from "react";
import { useLanguage } from "../../../i18n";
import {
  type Cue,
  type CueEdge,
  type CueFault,
  FINE_STEP_S,
  parseTime,
  timeText,
} from "../../../lib/cues";
import { stepOf } from "../../../lib/trim";
import { controlLook, FieldProblem } from "../../../ui/Field";
import { Icon, type IconName } from "../../../ui/Icon";

export interface CueActions {
  toggle: (cue: Cue) => void;
  nowS: () => number;
  open: (id: number | null) => void;
  text: (id: number, text: string) => void;
  edge: (id: number, edge: CueEdge, toS: number) => void;
  split: (id: number, cursor: number) => void;
  join: (id: number) => void;
  add: (id: number) => void;
  remove: (id: number) => void;
}

interface CueRowProps {
  cue: Cue;
  place: number;
  isLast: boolean;
  isOpen: boolean;
  isPlaying: boolean;
  isSeen: boolean;
  fault: CueFault | null;
  language: string;
  actions: CueActions;
}

export const CueRow = memo(function CueRow(props: CueRowProps) {
  const { cue, place, isOpen, isPlaying, isSeen, fault, language, actions } = props;
  const { t, format } = useLanguage();
  const number = format.integer(place + 1);
  const id = useId();
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    // Closed by a key: the focus was in what has just gone.
    const isLost = document.activeElement === document.body;
    if (wasOpen.current && !isOpen && isLost) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return (
    <li
      data-cue={cue.id}
      aria-current={isSeen || undefined}
      className={`grid scroll-mb-24 gap-2 rounded-xl border p-2 max-lg:scroll-mt-80 [content-visibility:auto] [contain-intrinsic-size:auto_4.5rem] ${fault ? "border-bad" : isOpen ? "border-mark" : "border-line"} ${isSeen ? "bg-tint" : "bg-card"}`}
    >
      <div className="flex items-start gap-2">
        <button
          type="button"
          aria-label={isPlaying ? t.captions.stop(number) : t.captions.play(number)}
          onClick={() => actions.toggle(cue)}
          className="grid size-11 shrink-0 place-items-center rounded-full text-mark hover:bg-sunk"
        >
          <Icon name={isPlaying ? "stop" : "play"} />
        </button>
        {isOpen ? (
          <OpenText {...props} id={id} number={number} />
        ) : (
          <button
            ref={opener}
            type="button"
            aria-expanded={false}
            aria-describedby={`${id}-problem`}
            onClick={() => actions.open(cue.id)}
            className="min-h-11 min-w-0 flex-1 rounded-lg px-2 py-1 text-start hover:bg-sunk"
          >
            <span className="sr-only">{t.captions.open(number)}: </span>
            <span className="block text-quiet text-sm tabular-nums leading-tight">
              {timeText(cue.startS)} – {timeText(cue.endS)}
            </span>
            <span lang={language} className="block whitespace-pre-line leading-snug">
              {cue.text || <span className="text-quiet">{t.captions.empty}</span>}
            </span>
          </button>
        )}
      </div>
      {isOpen && <Tools {...props} />}
      <div className="ps-13 empty:hidden">
        <FieldProblem
          id={`${id}-problem`}
          problem={fault && { what: t.captions.faults[fault] ?? "", fix: "" }}
        />
      </div>
    </li>
  );
});

function OpenText({
  cue,
  language,
  fault,
  actions,
  id,
  number,
}: CueRowProps & {
  id: string;
  number: string;
}) {
  const { t } = useLanguage();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <textarea
      ref={field}
      data-cue-text
      aria-label={`${t.captions.number(number)}: ${t.captions.text}`}
      aria-describedby={`${id}-problem`}
      aria-invalid={fault === "empty"}
      lang={language}
      rows={2}
      value={cue.text}
      onChange={(event) => actions.text(cue.id, event.target.value)}
      className={`${controlLook} field-sizing-content min-h-18 min-w-0 flex-1 resize-none`}
    />
  );
}

/** Times and what can be done with the caption as a whole. */
function Tools({ cue, isLast, fault, actions }: CueRowProps) {
  const { t } = useLanguage();
  const tools = useRef<HTMLDivElement>(null);
  const cursor = () => {
    const field = tools.current
      ?.closest("[data-cue]")
      ?.querySelector<HTMLTextAreaElement>("[data-cue-text]");
    return field?.selectionStart ?? 0;
  };
  const isReversed = fault === "reversed";
  const time = { cue, actions, isWrong: isReversed };
  return (
    <div ref={tools} className="grid gap-2 sm:ps-13">
      <div className="grid max-w-md gap-2">
        <TimeField edge="startS" label={t.captions.start} {...time} />
        <TimeField edge="endS" label={t.captions.end} {...time} />
      </div>
      <div className="flex flex-wrap gap-1">
        <Tool icon="cut" name={t.captions.split} onClick={() => actions.split(cue.id, cursor())} />
        {!isLast && (
          <Tool icon="link" name={t.captions.join} onClick={() => actions.join(cue.id)} />
        )}
        <Tool icon="plus" name={t.captions.add} onClick={() => actions.add(cue.id)} />
        <Tool icon="trash" name={t.captions.remove} onClick={() => actions.remove(cue.id)} />
        <Tool icon="check" name={t.captions.done} onClick={() => actions.open(null)} />
      </div>
    </div>
  );
}

function Tool({ icon, name, onClick }: { icon: IconName; name: string; onClick: () => void }) {
  return (
    <button
      type="button"
      onClick={onClick}
      className="inline-flex min-h-11 items-center gap-1.5 rounded-lg px-2.5 font-semibold text-mark text-sm hover:bg-sunk"
    >
      <Icon name={icon} className="size-4" />
      {name}
    </button>
  );
}

interface TimeFieldProps {
  cue: Cue;
  edge: CueEdge;
  label: string;
  isWrong: boolean;
  actions: CueActions;
}

/** A place in the video: typed, moved by keys and buttons, or taken from where the video stands. */
function TimeField({ cue, edge, label, isWrong, actions }: TimeFieldProps) {
  const { t } = useLanguage();
  const id = useId();
  const valueS = cue[edge];
  const [typed, setTyped] = useState<string | null>(null);
  const moveTo = (toS: number) => {
    setTyped(null);
    actions.edge(cue.id, edge, toS);
  };
  const take = () => {
    const toS = typed === null ? null : parseTime(typed);
    if (toS !== null && toS !== valueS) moveTo(toS);
    else setTyped(null);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const isNow = event.key === "n" || event.key === "N";
    // Left and right move in what is typed.
    const stepS = /^(ArrowUp|ArrowDown|Page)/.test(event.key) ? stepOf(event) : null;
    if (event.key === "Enter") take();
    else if (isNow) moveTo(actions.nowS());
    else if (stepS !== null) moveTo(valueS + stepS);
    else return;
    event.preventDefault();
  };
  return (
    <div className="flex items-center gap-1">
      <label htmlFor={id} className="w-14 shrink-0 text-sm">
        {label}
      </label>
      <Nudge label={t.captions.earlier(label)} onClick={() => moveTo(valueS - FINE_STEP_S)}>
        −
      </Nudge>
      <input
        id={id}
        role="spinbutton"
        inputMode="decimal"
        autoComplete="off"
        aria-valuenow={valueS}
        aria-valuemin={0}
        aria-valuetext={timeText(valueS)}
        aria-invalid={isWrong}
        value={typed ?? timeText(valueS)}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={pressed}
        onBlur={take}
        className="min-h-11 w-full min-w-18 flex-1 rounded-lg border border-edge bg-card px-2 text-center tabular-nums aria-invalid:border-2 aria-invalid:border-bad"
      />
      <Nudge label={t.captions.later(label)} onClick={() => moveTo(valueS + FINE_STEP_S)}>
        +
      </Nudge>
      <button
        type="button"
        aria-label={`${t.captions.now}, ${t.captions.toNow(label)}`}
        onClick={() => moveTo(actions.nowS())}
        className="min-h-11 shrink-0 rounded-lg px-2.5 font-semibold text-mark text-sm hover:bg-sunk"
      >
        {t.captions.now}
      </button>
    </div>
  );
}

function Nudge(props: { label: string; onClick: () => void; children: string }) {
  return (
    <button
      type="button"
      aria-label={props.label}
      onClick={props.onClick}
      className="size-11 shrink-0 rounded-lg border border-edge font-semibold text-lg hover:bg-sunk"
    >
      {props.children}
    </button>
  );
}
