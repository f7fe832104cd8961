/** What puts signs into the script: stars around words, and a pause; by button or by key. */

import { type KeyboardEvent, type RefObject, useId } from "react";
import { useText } from "../i18n";
import { emphasise, type Insertion, insertPause } from "../lib/markup";
import { Icon, type IconName } from "./Icon";

export interface Marking {
  emphasise: () => void;
  insertPause: () => void;
  /** Put a text in the place of what is selected. */
  insert: (text: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

export function useMarking(area: RefObject<HTMLTextAreaElement | null>, language: string): Marking {
  const put = (made: (field: HTMLTextAreaElement) => Insertion | null) => {
    const field = area.current;
    if (!field) return;
    const insertion = made(field);
    field.focus();
    if (insertion) replaceIn(field, insertion);
  };
  const marking = {
    emphasise: () =>
      put((field) => emphasise(field.value, field.selectionStart, field.selectionEnd, language)),
    insertPause: () => put((field) => insertPause(field.selectionEnd)),
    insert: (text: string) =>
      put(({ selectionStart: from, selectionEnd: to }) => ({
        from,
        to,
        text,
        selection: [from + text.length, from + text.length],
      })),
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const act = { b: marking.emphasise, ".": marking.insertPause }[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  };
  return { ...marking, onKeyDown };
}

/** As if it was typed, so that the browser's own undo knows of it. */
function replaceIn(field: HTMLTextAreaElement, { from, to, text, selection }: Insertion) {
  field.setSelectionRange(from, to);
  if (!document.execCommand?.("insertText", false, text)) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  field.setSelectionRange(...selection);
}

export function ScriptTools({ marking }: { marking: Marking }) {
  const t = useText();
  const id = useId();
  return (
    <div className="mt-2 flex flex-wrap items-center gap-2">
      <Tool icon="text" label={t.markup.emphasise} hintId={id} onClick={marking.emphasise} />
      <Tool icon="pause" label={t.markup.pause} hintId={id} onClick={marking.insertPause} />
      <p id={id} className="basis-full text-quiet text-sm">
        {t.markup.hint}
      </p>
    </div>
  );
}

interface ToolProps {
  icon: IconName;
  label: string;
  hintId: string;
  onClick: () => void;
}

function Tool({ icon, label, hintId, onClick }: ToolProps) {
  return (
    <button
      type="button"
      aria-describedby={hintId}
      onClick={onClick}
      className="inline-flex min-h-11 items-center gap-2 rounded-full border border-edge px-4 font-semibold text-sm hover:bg-tint"
    >
      <Icon name={icon} className="size-4" />
      {label}
    </button>
  );
}
