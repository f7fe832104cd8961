/** Captions in an editor: their history, and how far the server has them. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer, useRef, useState } from "react";
import type { Message } from "../../../lib/api";
import {
  asWebVtt,
  beginHistory,
  type Cue,
  changed,
  type History,
  isSavable,
  parseWebVtt,
  redone,
  undone,
} from "../../../lib/cues";
import type { Problem } from "../../../lib/problems";
import type { SaveState } from "../autosave";
import { keepMessage } from "../queries";
import { CaptionSaving, captionServer, leftCaptions } from "./CaptionSaving";

type Step =
  | { type: "change"; cues: readonly Cue[]; typing?: History["typing"] }
  | { type: "undo" }
  | { type: "redo" }
  | { type: "restart"; cues: readonly Cue[] };

function reduce(history: History, step: Step): History {
  if (step.type === "undo") return undone(history);
  if (step.type === "redo") return redone(history);
  if (step.type === "restart") return beginHistory(step.cues);
  return changed(history, step.cues, step.typing ?? null);
}

/** `webvtt`: the captions as they are seen now; `message.captions_vtt` those that were given. */
export function useCaptions(message: Message, webvtt: string) {
  const client = useQueryClient();
  const [left] = useState(() => leftCaptions(message.id));
  const [history, step] = useReducer(reduce, left ?? webvtt, (text) =>
    beginHistory(parseWebVtt(text)),
  );
  const [state, setState] = useState<{ save: SaveState; problem: Problem | null }>({
    save: "saved",
    problem: null,
  });
  const [saving] = useState(
    () =>
      new CaptionSaving({
        id: message.id,
        known: message.captions_vtt,
        server: captionServer,
        onState: (save, problem) => setState({ save, problem }),
        onSaved: (saved) => keepMessage(client, saved),
      }),
  );
  useEffect(() => {
    saving.start();
    return () => saving.stop();
  }, [saving]);

  const cues = history.now;
  // What is there from the start is on the server; what was left over is not.
  const seen = useRef<readonly Cue[] | null>(left === null ? cues : null);
  useEffect(() => {
    if (seen.current === cues) return;
    seen.current = cues;
    if (isSavable(cues)) saving.change(asWebVtt(cues));
    else saving.hold(asWebVtt(cues));
  }, [cues, saving]);

  /** Begin anew with what another window, or the making of the video, has left. */
  const restart = (text: string, known: string | null) => {
    saving.forget(known);
    const fresh = parseWebVtt(text);
    seen.current = fresh;
    step({ type: "restart", cues: fresh });
    setState({ save: "saved", problem: null });
  };
  return { history, cues, step, state, saving, restart, wasRestored: left !== null };
}
