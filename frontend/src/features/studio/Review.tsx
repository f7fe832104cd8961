/** After Stop: the take at once, cut by two sliders, and sent. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState, useSyncExternalStore } from "react";
import { useLanguage } from "../../i18n";
import { beginWithLink } from "../../lib/links";
import { asProblem, type Problem, problemWords, sortByField } from "../../lib/problems";
import { statusQuery } from "../../lib/queries";
import { aspectOf, lookInto, RECORDING_FIELDS, type VideoFacts } from "../../lib/recordings";
import type { Take, TakeFacts } from "../../lib/take";
import { fileNameOf } from "../../lib/takeUpload";
import { fitTrim, type Trim, wholeOf } from "../../lib/trim";
import { VideoPlayer } from "../../player/VideoPlayer";
import { Button, buttonLook } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Card, Page } from "../../ui/Page";
import { ProgressBar } from "../../ui/ProgressBar";
import { RecordingForm } from "../../ui/RecordingForm";
import { useTrimPreview } from "../../ui/useTrimPreview";
import { sendTake } from "./sendTake";
import type { Studio, StudioView } from "./studio";
import { forgetWords, type WordsBeingTyped } from "./words";

interface ReviewProps {
  studio: Studio;
  view: StudioView;
  take: Take;
  words: WordsBeingTyped;
}

export function Review({ studio, view, take, words }: ReviewProps) {
  const { t, locale } = useLanguage();
  const facts = useSyncExternalStore(take.subscribe, take.snapshot);
  const src = sourceOf(take, facts);
  const seen = useVideoFacts(src);
  const durationS = facts.upload.upload?.video?.duration_s ?? (seen?.durationS || facts.durationS);
  const [trim, setTrim] = useTrim(durationS);
  const preview = useTrimPreview(trim);
  const [captions, setCaptions] = useState<File | null>(null);
  const send = useSending(studio, take);
  usePageOfMessage();
  const { content } = words;
  const { title, script } = content;
  useEffect(() => take.describe({ title, script }), [take, title, script]);

  const mishap = view.state.mishap ? t.studio.mishaps[view.state.mishap] : undefined;
  const player =
    seen === undefined ? (
      <div className="aspect-video animate-breathe rounded-2xl bg-sunk" />
    ) : (
      <VideoPlayer
        src={src}
        title={title || t.studio.reviewTitle}
        aspect={aspectOf(seen?.widthPx ?? 0, seen?.heightPx ?? 0)}
        durationS={durationS}
        locale={locale}
        onVideo={preview.onVideo}
      />
    );
  return (
    <Page title={t.studio.reviewTitle} width="wide">
      <RecordingForm
        content={content}
        onChange={(_field, changes) => {
          if (send.isError) send.reset();
          words.change(changes);
        }}
        trim={trim}
        durationS={durationS}
        onTrim={(moved, atS) => {
          setTrim(moved);
          preview.show(atS);
        }}
        captions={{
          given: captions && t.studio.captionsChosen(captions.name),
          onFile: setCaptions,
        }}
        told={sortByField(t, send.problem, RECORDING_FIELDS)}
        onSubmit={() => send.mutate({ content, trim, durationS, captions })}
        player={player}
        notices={
          mishap && (
            <Notice tone="warn" title={mishap.what} isAlert>
              {mishap.fix}
            </Notice>
          )
        }
        takes={<OtherTakes studio={studio} view={view} />}
        bar={<SendBar take={take} facts={facts} isSending={send.isPending} />}
        actions={<TakeActions studio={studio} take={take} />}
      />
    </Page>
  );
}

/** Fetch what the page that comes next needs, while the sender looks at the take. */
function usePageOfMessage(): void {
  const router = useRouter();
  const client = useQueryClient();
  useEffect(() => {
    void router.preloadRoute({ to: "/messages/$id", params: { id: "new" } });
    void client.prefetchQuery(statusQuery);
  }, [router, client]);
}

/** What lies here, unless the server has more of it: this device's disk was full. */
function sourceOf(take: Take, { bytes, upload }: TakeFacts): string {
  const isServerLonger = upload.state === "done" && upload.sentBytes > bytes;
  return (isServerLonger && upload.upload?.content_url) || take.playUrl;
}

/** What the browser says about the video; undefined until it has said it. */
function useVideoFacts(src: string): VideoFacts | null | undefined {
  const [seen, setSeen] = useState<{ src: string; facts: VideoFacts | null }>();
  useEffect(() => {
    let isCurrent = true;
    void lookInto(src).then((facts) => isCurrent && setSeen({ src, facts }));
    return () => {
      isCurrent = false;
    };
  }, [src]);
  return seen?.src === src ? seen.facts : undefined;
}

/** The trim; it keeps its meaning when the server measures the recording more exactly. */
function useTrim(durationS: number): [Trim, (trim: Trim) => void] {
  const [held, setHeld] = useState({ trim: wholeOf(durationS), durationS });
  const trim =
    held.durationS === durationS ? held.trim : fitTrim(held.trim, held.durationS, durationS);
  return [trim, (moved) => setHeld({ trim: moved, durationS })];
}

/** One message, however often sending is tried. */
function useSending(studio: Studio, take: Take) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const begun = useRef<string | null>(null);
  const send = useMutation({
    async mutationFn(outgoing: Parameters<typeof sendTake>[0]) {
      if (take.facts.upload.problem) take.retry();
      const remember = (id: string) => {
        begun.current = id;
      };
      const attempt = async () =>
        sendTake(outgoing, await take.uploaded(), begun.current, remember);
      const message = await attempt().catch((error) => {
        // A page that was open for days: the server keeps what nobody sends for one.
        if (!isRecordingGone(error)) throw error;
        take.sendAgain();
        return attempt();
      });
      void studio.sent(take);
      forgetWords();
      return message;
    },
    onSuccess(message) {
      client.setQueryData(["message", message.id], message);
      if (message.stream_url) beginWithLink(client, message.id);
      void client.invalidateQueries({ queryKey: ["messages"] });
      return navigate({ to: "/messages/$id", params: { id: message.id } });
    },
  });
  // What keeps the upload from finishing is told beside it, not up here.
  const isOfUpload = send.isError && send.error === take.facts.upload.problem;
  const problem: Problem | null = send.isError && !isOfUpload ? asProblem(send.error) : null;
  return { ...send, problem };
}

const isRecordingGone = (error: unknown): boolean =>
  asProblem(error).errors.some(({ code }) => code === "recording_missing");

function OtherTakes({ studio, view }: { studio: Studio; view: StudioView }) {
  const { t, format } = useLanguage();
  const id = useId();
  const { takes, chosen } = view;
  if (takes.length < 2) return null;
  const isFirst = takes[0] === chosen;
  return (
    <Card className="grid gap-3">
      {!isFirst && (
        <p role="status" className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          {t.studio.undoText}
          <Button icon="undo" onClick={() => studio.send({ type: "undo" })}>
            {t.studio.undo}
          </Button>
        </p>
      )}
      <fieldset>
        <legend className="mb-1.5 font-semibold">{t.studio.takes}</legend>
        {takes.map((take, place) => (
          <label key={take.id} className="flex min-h-11 items-center gap-3">
            <input
              type="radio"
              name={id}
              checked={take === chosen}
              onChange={() => studio.send({ type: "choose", take: take.id })}
              className="size-5 accent-mark"
            />
            {t.studio.take(format.integer(place + 1), format.length(take.facts.durationS))}
          </label>
        ))}
      </fieldset>
    </Card>
  );
}

function TakeActions({ studio, take }: { studio: Studio; take: Take }) {
  const { t } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  return (
    <div className="flex flex-wrap gap-2">
      <Button icon="record" onClick={() => studio.send({ type: "retake" })}>
        {t.studio.retake}
      </Button>
      <a href={take.playUrl} download={fileNameOf(take.mimeType)} className={buttonLook("quiet")}>
        <Icon name="download" />
        {t.studio.save}
      </a>
      <Button look="quiet" icon="trash" onClick={() => setAsking(true)}>
        {t.studio.discard}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.studio.discardTitle}
        text={t.studio.discardText}
        confirm={t.common.delete}
        onConfirm={() => {
          setAsking(false);
          void studio.discard(take);
        }}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}

interface SendBarProps {
  take: Take;
  facts: TakeFacts;
  isSending: boolean;
}

/** How far the recording is on its way, and the one thing to do next. */
function SendBar({ take, facts, isSending }: SendBarProps) {
  const { t } = useLanguage();
  return (
    <>
      <UploadLine take={take} facts={facts} />
      <Button
        type="submit"
        look="primary"
        icon="share"
        busy={isSending}
        className="min-h-12 shrink-0 px-6"
      >
        {isSending ? t.studio.sending : t.studio.send}
      </Button>
    </>
  );
}

function UploadLine({ take, facts }: { take: Take; facts: TakeFacts }) {
  const { t, format } = useLanguage();
  const { state, sentBytes, problem } = facts.upload;
  const share = facts.bytes > 0 ? Math.min(1, sentBytes / facts.bytes) : 0;
  if (state === "full") {
    return (
      <div role="alert" className="grid min-w-0 flex-1 basis-64 gap-1 text-sm">
        <p className="font-semibold text-bad">{t.studio.uploadFull}</p>
        <p>{t.studio.uploadFullText(format.length(share * facts.durationS))}</p>
        <Button className="justify-self-start" onClick={() => take.leaveRest()}>
          {t.studio.sendWhatFits}
        </Button>
      </div>
    );
  }
  if (state === "refused" && problem) {
    const told = problem.errors[0];
    const words = problemWords(t, problem);
    const known = told && (t.problems as Record<string, typeof words>)[told.code];
    const { what, fix } = known ?? words;
    return (
      <p role="alert" className="min-w-0 flex-1 basis-64 text-bad text-sm">
        <strong className="font-semibold">{what}</strong> {fix}
      </p>
    );
  }
  const percent = format.integer(Math.floor(share * 100));
  const lines = { sending: t.studio.uploading(percent), waiting: t.studio.uploadWaiting };
  const line = state === "done" ? t.studio.uploaded : lines[state as keyof typeof lines];
  return (
    <div className="grid min-w-0 flex-1 basis-48 gap-1.5 text-sm" data-upload={state}>
      <p role="status" className="text-quiet">
        {line}
      </p>
      {state !== "done" && <ProgressBar value={share * 100} label={line} />}
    </div>
  );
}
