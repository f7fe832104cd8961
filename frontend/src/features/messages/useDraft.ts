/** A draft in a form: its content as typed, and how far the server has it. */

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Message } from "../../lib/api";
import type { Problem } from "../../lib/problems";
import { Autosave, type SaveState } from "./autosave";
import { type DraftChanges, type DraftContent, draftServer } from "./draft";
import { keepMessage } from "./queries";

export interface Draft {
  content: DraftContent;
  change: (changes: DraftChanges) => void;
  /** Save now; the id, or null when the server does not have it all. */
  flush: () => Promise<string | null>;
  abandon: () => void;
  state: SaveState;
  problem: Problem | null;
  wasRestored: boolean;
}

export function useDraft(
  id: string | null,
  initial: DraftContent,
  onCreated: (message: Message) => void,
): Draft {
  const client = useQueryClient();
  const tellCreated = useRef(onCreated);
  tellCreated.current = onCreated;
  const [state, setState] = useState<{ save: SaveState; problem: Problem | null }>({
    save: id ? "saved" : "untouched",
    problem: null,
  });
  const [autosave] = useState(
    () =>
      new Autosave({
        id,
        content: initial,
        server: draftServer,
        onState: (save, problem) => setState({ save, problem }),
        onCreated: (message) => tellCreated.current(message),
        onSaved: (message) => keepMessage(client, message),
      }),
  );
  const [wasRestored] = useState(() => autosave.hasPending);
  const [content, setContent] = useState(autosave.current);

  useEffect(() => {
    autosave.start();
    return () => autosave.stop();
  }, [autosave]);

  const change = useCallback(
    (changes: DraftChanges) => {
      autosave.change(changes);
      setContent(autosave.current);
    },
    [autosave],
  );
  const flush = useCallback(() => autosave.flush(), [autosave]);
  const abandon = useCallback(() => autosave.abandon(), [autosave]);
  return {
    content,
    change,
    flush,
    abandon,
    state: state.save,
    problem: state.problem,
    wasRestored,
  };
}
