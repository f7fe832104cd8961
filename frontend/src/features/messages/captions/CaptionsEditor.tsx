/** The video beside its captions: each is heard by itself, and corrected until it fits. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { useLanguage } from "../../../i18n";
import type { Message } from "../../../lib/api";
import {
  addAfter,
  type Cue,
  faultOf,
  isSavable,
  join,
  split,
  withEdge,
  without,
  withText,
} from "../../../lib/cues";
import { asProblem, problemWords, refusedWords } from "../../../lib/problems";
import { takeCaptionsAway } from "../../../lib/recordings";
import type { Aspect } from "../../../player/player";
import { VideoPlayer } from "../../../player/VideoPlayer";
import { Button } from "../../../ui/Button";
import { ConfirmDialog } from "../../../ui/Dialog";
import { Notice, WordsNotice } from "../../../ui/Notice";
import { useToast } from "../../../ui/Toasts";
import { keepMessage } from "../queries";
import { SaveLine } from "../SaveLine";
import { captionServer } from "./CaptionSaving";
import { type CueActions, CueRow } from "./CueRow";
import { fetchText } from "./captionsFile";
import { useCaptions } from "./useCaptions";
import { useCuePlayback } from "./useCuePlayback";

/** The video to whose times the captions belong. */
export interface Heard {
  src: string;
  aspect: Aspect;
  durationS: number;
}

interface CaptionsEditorProps {
  message: Message;
  /** The captions as they are seen now. */
  webvtt: string;
  heard: Heard;
}

/** A tall picture must leave room for the captions below it. */
const widths: Record<Aspect, string> = {
  "16:9": "max-lg:max-w-80",
  "1:1": "max-lg:max-w-64 lg:max-w-md",
  "9:16": "max-lg:max-w-44 lg:max-w-72",
};

export function CaptionsEditor({ message, webvtt, heard }: CaptionsEditorProps) {
  const { t, locale } = useLanguage();
  const captions = useCaptions(message, webvtt);
  const { cues, history, step, state } = captions;
  const isUntouched = history.past.length === 0;
  const playback = useCuePlayback(cues);
  const [openId, setOpenId] = useState<number | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const actions = useCueActions(captions, playback, setOpenId);

  const openAt = (place: number) => {
    const cue = cues[place];
    if (!cue) return;
    setOpenId(cue.id);
    requestAnimationFrame(() =>
      list.current?.querySelector(`[data-cue="${cue.id}"]`)?.scrollIntoView({ block: "nearest" }),
    );
  };
  const pressed = (event: KeyboardEvent<HTMLElement>) => {
    // A question and the player have keys of their own.
    if ((event.target as HTMLElement).closest("dialog, .vm-player")) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const place = cues.findIndex(({ id }) => id === openId);
    const open = cues[place];
    const key = event.key.toLowerCase();
    if (isCommand && (key === "z" || key === "y")) {
      step({ type: event.shiftKey || key === "y" ? "redo" : "undo" });
    } else if (isCommand && event.key === "Enter" && open) playback.toggle(open);
    else if (event.altKey && event.key === "ArrowDown") openAt(place + 1);
    else if (event.altKey && event.key === "ArrowUp") openAt(place < 0 ? 0 : place - 1);
    else if (event.key === "Escape" && open) setOpenId(null);
    else return;
    event.preventDefault();
  };
  const seen = cues.find(({ id }) => id === playback.seen);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys repeat what the buttons inside do
    <div
      onKeyDown={pressed}
      className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)] lg:items-start lg:gap-8"
    >
      <div className="grid gap-3 max-lg:-mx-4 max-lg:sticky max-lg:top-16 max-lg:z-10 max-lg:bg-paper max-lg:px-4 max-lg:py-2 lg:sticky lg:top-22">
        <div className={`mx-auto w-full ${widths[heard.aspect]}`}>
          <VideoPlayer
            src={heard.src}
            title={message.title || t.captions.title}
            aspect={heard.aspect}
            durationS={heard.durationS}
            locale={locale}
            onVideo={playback.onVideo}
          />
        </div>
        <p
          lang={message.language}
          data-caption-shown
          className="grid min-h-11 place-items-center whitespace-pre-line rounded-xl bg-black px-3 py-1 empty:bg-sunk text-center text-white leading-snug"
        >
          {seen?.text}
        </p>
        <Keys />
      </div>
      <div className="grid gap-3">
        <Mishaps message={message} captions={captions} />
        {cues.length === 0 ? (
          <div className="grid justify-items-start gap-3">
            <p className="text-quiet">{isUntouched ? t.captions.none : t.captions.allGone}</p>
            <Button icon="plus" onClick={() => actions.add(-1)}>
              {t.captions.addFirst}
            </Button>
          </div>
        ) : (
          <ol ref={list} aria-label={t.captions.list} className="grid gap-2">
            {cues.map((cue, place) => (
              <CueRow
                key={cue.id}
                cue={cue}
                place={place}
                isLast={place === cues.length - 1}
                isOpen={cue.id === openId}
                isPlaying={cue.id === playback.playing}
                isSeen={cue.id === playback.seen}
                fault={faultOf(cues, place, heard.durationS)}
                language={message.language}
                actions={actions}
              />
            ))}
          </ol>
        )}
        <div className="fixed inset-x-0 bottom-0 z-20 border-line border-t bg-paper/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:sticky lg:bottom-4 lg:rounded-2xl lg:border lg:bg-card/95 lg:shadow-card">
          <div className="flex flex-wrap items-center justify-between gap-x-2 gap-y-1 px-4 py-2">
            {isSavable(cues) || isUntouched ? (
              <SaveLine state={state.save} missing={[]} />
            ) : (
              <p role="status" className="min-w-0 flex-1 basis-40 text-bad text-sm leading-snug">
                {cues.length === 0 ? t.captions.allGone : t.captions.unsaved}
              </p>
            )}
            <Button
              look="quiet"
              icon="undo"
              aria-disabled={isUntouched || undefined}
              onClick={() => step({ type: "undo" })}
            >
              {t.captions.undo}
            </Button>
            {history.future.length > 0 && (
              <Button look="quiet" onClick={() => step({ type: "redo" })}>
                {t.captions.redo}
              </Button>
            )}
          </div>
        </div>
        {message.state === "ready" && message.captions_vtt !== null && (
          <AsMade message={message} captions={captions} />
        )}
      </div>
    </div>
  );
}

type Captions = ReturnType<typeof useCaptions>;
type Playback = ReturnType<typeof useCuePlayback>;

/** The same functions for as long as the page is open: only rows that change are drawn anew. */
function useCueActions(
  { cues, step }: Captions,
  { toggle, show, nowS }: Playback,
  open: (id: number | null) => void,
): CueActions {
  const newest = useRef(cues);
  useEffect(() => {
    newest.current = cues;
  }, [cues]);
  return useMemo(() => {
    const set = (changed: readonly Cue[]) => step({ type: "change", cues: changed });
    return {
      toggle,
      nowS,
      open,
      text: (id, text) => {
        const typed = withText(newest.current, id, text);
        step({ type: "change", cues: typed, typing: { id, atMs: Date.now() } });
      },
      edge: (id, edge, toS) => {
        const moved = withEdge(newest.current, id, edge, toS);
        set(moved);
        show(moved.find((cue) => cue.id === id)?.[edge] ?? toS);
      },
      split: (id, cursor) => set(split(newest.current, id, cursor, nowS())),
      join: (id) => set(join(newest.current, id)),
      add: (id) => {
        const [added, fresh] = addAfter(newest.current, id, nowS());
        set(added);
        open(fresh);
      },
      remove: (id) => {
        const place = newest.current.findIndex((cue) => cue.id === id);
        const left = without(newest.current, id);
        set(left);
        open((left[place] ?? left[place - 1])?.id ?? null);
      },
    };
  }, [step, toggle, show, nowS, open]);
}

/** What keeps the captions from being saved, and what can be done about it. */
function Mishaps({ message, captions }: { message: Message; captions: Captions }) {
  const { t } = useLanguage();
  const { state, saving, restart, wasRestored } = captions;
  const takeTheirs = async () => {
    const theirs = await captionServer.look(message.id);
    const made = theirs.captions_url ? await fetchText(theirs.captions_url) : "";
    restart(theirs.captions_vtt ?? made, theirs.captions_vtt);
  };
  return (
    <>
      {wasRestored && state.save !== "saved" && <Notice>{t.compose.restored}</Notice>}
      {state.save === "elsewhere" && (
        <Notice tone="warn" title={t.captions.elsewhere.what} isAlert>
          {t.captions.elsewhere.fix}
          <span className="mt-2 flex flex-wrap gap-2">
            <Button onClick={() => void takeTheirs()}>{t.captions.takeTheirs}</Button>
            <Button onClick={() => void saving.insist()}>{t.captions.keepMine}</Button>
          </span>
        </Notice>
      )}
      <WordsNotice words={state.save === "refused" ? refusedWords(t, state.problem) : undefined} />
    </>
  );
}

/** A finished video remembers the captions that were made for it. */
function AsMade({ message, captions }: { message: Message; captions: Captions }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const goBack = useMutation({
    async mutationFn() {
      // What is on its way would arrive after the old ones came back.
      await captions.saving.flush();
      const made = await takeCaptionsAway(message.id);
      return { made, webvtt: await fetchText(made.captions_url ?? "") };
    },
    onSuccess({ made, webvtt }) {
      keepMessage(client, made);
      captions.restart(webvtt, made.captions_vtt);
      toast(t.captions.asMadeDone);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <Button look="quiet" className="justify-self-start" onClick={() => setAsking(true)}>
        {t.captions.asMade}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.captions.asMadeTitle}
        text={t.captions.asMadeText}
        confirm={t.captions.asMade}
        busy={goBack.isPending}
        onConfirm={() => goBack.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function Keys() {
  const { t } = useLanguage();
  return (
    <details className="hidden text-sm pointer-fine:max-lg:hidden pointer-fine:block">
      <summary className="min-h-9 font-semibold">{t.studio.keys}</summary>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {Object.entries(t.captions.keys).map(([key, does]) => (
          <div key={key} className="contents">
            <dt className="font-semibold">{key}</dt>
            <dd className="text-quiet">{does}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
