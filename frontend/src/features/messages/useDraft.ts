/** A draft in a form: its content as typed, and how far the server has it. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Message } from "../../lib/api";
import type { Problem } from "../../lib/problems";
import { Autosave, type SaveState } from "./autosave";
import { contentOf, type DraftChanges, type DraftContent, draftServer } from "./draft";
import { keepMessage } from "./queries";
import type { DraftField } from "./sides";
import { NO_STEPS, noted, redone, type Steps, undone, withoutFields } from "./undo";

export interface Draft {
  content: DraftContent;
  change: (changes: DraftChanges) => void;
  /** Set what nobody has chosen: it is saved, but there is nothing to take back. */
  fill: (changes: DraftChanges) => void;
  steps: Steps;
  step: (direction: "undo" | "redo") => void;
  /** Save now; the id, or null when the server does not have it all. */
  flush: () => Promise<string | null>;
  abandon: () => void;
  state: SaveState;
  problem: Problem | null;
  wasRestored: boolean;
  /** Fields that were changed here and elsewhere, and what they are elsewhere. */
  conflicts: readonly DraftField[];
  theirs: DraftContent;
  choose: (field: DraftField, side: "mine" | "theirs") => void;
  /** Fields that were changed elsewhere, and nothing was since: they show that now. */
  takenIn: readonly DraftField[];
}

interface Shown {
  steps: Steps;
  content: DraftContent;
  conflicts: readonly DraftField[];
  theirs: DraftContent;
  save: SaveState;
  problem: Problem | null;
  takenIn: readonly DraftField[];
}

export function useDraft(
  message: Message | null,
  initial: DraftContent,
  onCreated: (message: Message) => void,
): Draft {
  const client = useQueryClient();
  const tellCreated = useRef(onCreated);
  tellCreated.current = onCreated;
  const steps = useRef(NO_STEPS);
  const [autosave] = useState<Autosave>(
    () =>
      new Autosave({
        id: message?.id ?? null,
        content: message ? contentOf(message) : initial,
        revision: message?.revision ?? null,
        server: draftServer,
        onState: (save, problem) => show({ save, problem }),
        onCreated: (created) => tellCreated.current(created),
        onSaved: (saved) => keepMessage(client, saved),
        onTakenIn(takenIn) {
          steps.current = withoutFields(steps.current, takenIn);
          show({ takenIn, steps: steps.current });
        },
      }),
  );
  const [wasRestored] = useState(() => autosave.hasPending);
  const [shown, setShown] = useState<Shown>(
    (): Shown => ({
      save: message ? "saved" : "untouched",
      problem: null,
      takenIn: [],
      steps: NO_STEPS,
      ...sidesOf(autosave),
    }),
  );
  function show(news: Partial<Shown>): void {
    setShown((before) => ({ ...before, ...news, ...sidesOf(autosave) }));
  }

  useEffect(() => {
    autosave.start();
    return () => autosave.stop();
  }, [autosave]);
  // A window that is come back to asks anew, and may be told of changes made elsewhere.
  useEffect(() => {
    if (message) autosave.learn(message);
  }, [autosave, message]);

  /** Do what somebody wants done to the draft. */
  const act = useCallback(
    (work: () => void, next?: (before: DraftContent) => Steps) => {
      const before = autosave.current;
      work();
      if (next) steps.current = next(before);
      setShown((shown) => ({
        ...shown,
        takenIn: [],
        steps: steps.current,
        ...sidesOf(autosave),
      }));
    },
    [autosave],
  );
  const noteStep = useCallback(
    (before: DraftContent) => noted(steps.current, before, autosave.current, Date.now()),
    [autosave],
  );
  const change = useCallback(
    (changes: DraftChanges) => act(() => autosave.change(changes), noteStep),
    [act, autosave, noteStep],
  );
  const fill = useCallback(
    (changes: DraftChanges) => act(() => autosave.change(changes)),
    [act, autosave],
  );
  const choose = useCallback<Draft["choose"]>(
    (field, side) => act(() => autosave.choose(field, side), noteStep),
    [act, autosave, noteStep],
  );
  const step = useCallback<Draft["step"]>(
    (direction) => {
      const { past, future } = steps.current;
      const changes = direction === "undo" ? past.at(-1)?.before : future[0]?.after;
      const take = direction === "undo" ? undone : redone;
      if (changes)
        act(
          () => autosave.change(changes),
          () => take(steps.current),
        );
    },
    [act, autosave],
  );
  const flush = useCallback(() => autosave.flush(), [autosave]);
  const abandon = useCallback(() => autosave.abandon(), [autosave]);
  const { save: state, ...rest } = shown;
  return { ...rest, state, wasRestored, change, fill, step, choose, flush, abandon };
}

const sidesOf = ({ current, conflicts, theirs }: Autosave) => ({
  content: current,
  conflicts,
  theirs,
});
