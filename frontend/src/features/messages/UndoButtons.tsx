/** Taking changes of the draft back and making them again, by button and by key. */

import { useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useText } from "../../i18n";
import type { Catalogue } from "../../i18n/en";
import { Icon } from "../../ui/Icon";
import { caretAfter, nameOf, type Step, type Steps } from "./undo";

export type Direction = "undo" | "redo";

interface UndoButtonsProps {
  steps: Steps;
  onStep: (direction: Direction) => void;
}

export function UndoButtons({ steps, onStep }: UndoButtonsProps) {
  const t = useText();
  const next: Record<Direction, Step | undefined> = {
    undo: steps.past.at(-1),
    redo: steps.future[0],
  };
  const group = useRef<HTMLFieldSetElement>(null);
  const [said, setSaid] = useState({ words: "", count: 0 });
  const take = (direction: Direction) => {
    const step = next[direction];
    if (!step) return;
    keepingCaret(() => flushSync(() => onStep(direction)));
    // What had the focus may have gone with the step.
    if (document.activeElement === document.body) group.current?.querySelector("button")?.focus();
    const words = t.undo[direction === "undo" ? "undone" : "redone"](stepWords(t, step));
    setSaid(({ count }) => ({ words, count: count + 1 }));
  };
  useUndoKeys(take);
  return (
    <fieldset ref={group} className="flex shrink-0">
      <legend className="sr-only">{t.undo.title}</legend>
      {(["undo", "redo"] as const).map((direction) => {
        const step = next[direction];
        const name = step ? t.undo.named(t.undo[direction], stepWords(t, step)) : t.undo[direction];
        return (
          <button
            key={direction}
            type="button"
            aria-label={name}
            title={name}
            aria-disabled={!step}
            aria-keyshortcuts={
              direction === "undo" ? "Control+Z Meta+Z" : "Control+Shift+Z Meta+Shift+Z Control+Y"
            }
            onClick={() => take(direction)}
            className="grid size-11 place-items-center rounded-full text-mark hover:bg-tint aria-disabled:text-quiet aria-disabled:opacity-60"
          >
            <Icon name="undo" className={direction === "redo" ? "-scale-x-100" : ""} />
          </button>
        );
      })}
      <p role="status" className="sr-only">
        {/* Another element each time: the same words are read out again. */}
        <span key={said.count}>{said.words}</span>
      </p>
    </fieldset>
  );
}

/** A step in words, as it is undone: "photo removed". */
function stepWords(t: Catalogue, step: Step): string {
  const name = nameOf(step);
  if (name.kind !== "field") return t.undo[name.kind];
  return t.undo.changed(t.draft.fields[name.field] ?? t.draft.otherField);
}

/** One history, not the browser's beside it: its keys, and its own commands of menus and gestures. */
function useUndoKeys(take: (direction: Direction) => void): void {
  const newest = useRef(take);
  useEffect(() => {
    newest.current = take;
  });
  useEffect(() => {
    const obey = (event: Event, direction: Direction | null) => {
      // A question on top has a history of its own; so has what is being composed.
      if (!direction || event.defaultPrevented || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      newest.current(direction);
    };
    const pressed = (event: KeyboardEvent) => obey(event, directionOf(event));
    const typed = (event: InputEvent) => obey(event, COMMANDS[event.inputType] ?? null);
    document.addEventListener("keydown", pressed);
    document.addEventListener("beforeinput", typed);
    return () => {
      document.removeEventListener("keydown", pressed);
      document.removeEventListener("beforeinput", typed);
    };
  }, []);
}

const COMMANDS: Record<string, Direction> = { historyUndo: "undo", historyRedo: "redo" };

function directionOf(event: KeyboardEvent): Direction | null {
  if (event.isComposing || event.altKey || event.ctrlKey === event.metaKey) return null;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return key === "y" && event.ctrlKey && !event.shiftKey ? "redo" : null;
}

/** The caret of the field that is written in goes to what has become other there. */
function keepingCaret(work: () => void): void {
  const field = textFieldIn(document.activeElement);
  const before = field?.value ?? "";
  work();
  if (!field || field.value === before) return;
  const at = caretAfter(before, field.value);
  field.setSelectionRange(at, at);
}

function textFieldIn(place: Element | null): HTMLTextAreaElement | HTMLInputElement | null {
  if (place instanceof HTMLTextAreaElement) return place;
  return place instanceof HTMLInputElement && place.type === "text" ? place : null;
}
