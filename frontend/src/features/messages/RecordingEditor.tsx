/** A recording that is not sent, or whose video failed: cut it, name it, send it. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Message } from "../../lib/api";
import { asProblem, Problem, sortByField } from "../../lib/problems";
import { aspectOf } from "../../lib/recordings";
import { isTrimmed, type Trim } from "../../lib/trim";
import { VideoPlayer } from "../../player/VideoPlayer";
import { Button, buttonLook } from "../../ui/Button";
import { Field, TextField } from "../../ui/Field";
import { LoadProblem, Notice, WordsNotice } from "../../ui/Notice";
import { Card, Page, Skeleton } from "../../ui/Page";
import { TrimField } from "../../ui/TrimField";
import { useTrimPreview } from "../../ui/useTrimPreview";
import { DeleteMessage } from "./DeleteMessage";
import { contentOf } from "./draft";
import { FailureWords } from "./FailureWords";
import { keepMessage, recordingQuery } from "./queries";
import { SaveLine } from "./SaveLine";
import { useDraft } from "./useDraft";

const FIELDS: Record<string, "title" | "script" | "trim"> = {
  title: "title",
  script: "script",
  trim: "trim",
  trim_start_s: "trim",
  trim_end_s: "trim",
};

export function RecordingEditor({ message }: { message: Message }) {
  const { t } = useLanguage();
  const recording = useQuery(recordingQuery(message.recording_upload_id ?? ""));
  const isGone = !message.recording_upload_id || asProblem(recording.error ?? "").status === 404;
  if (recording.data?.video && recording.data.content_url) {
    const { video, content_url } = recording.data;
    return <Found message={message} video={video} src={content_url} />;
  }
  return (
    <Page title={t.recorded.editTitle} width="wide" actions={<DeleteMessage message={message} />}>
      {isGone ? (
        <div className="grid justify-items-start gap-4">
          <Notice tone="warn">{t.recorded.missing}</Notice>
          <Link to="/record" className={buttonLook("primary")}>
            {t.nav.record}
          </Link>
        </div>
      ) : recording.isError ? (
        <LoadProblem error={recording.error} onRetry={() => void recording.refetch()} />
      ) : (
        <Skeleton rows={2} className="h-64" />
      )}
    </Page>
  );
}

interface FoundProps {
  message: Message;
  video: { duration_s: number; width_px: number; height_px: number };
  src: string;
}

function Found({ message, video, src }: FoundProps) {
  const { t, locale } = useLanguage();
  const client = useQueryClient();
  const draft = useDraft(message.id, contentOf(message), () => undefined);
  const { title, script } = draft.content;
  const durationS = video.duration_s;
  const [trim, setTrim] = useState<Trim>(() => trimOf(message, durationS));
  const preview = useTrimPreview(trim);
  const render = useMutation({
    async mutationFn() {
      const id = await draft.flush();
      if (!id) throw new Problem("network", 0, "The draft is not on the server yet.");
      const path = { message_id: id };
      const isEndCut = isTrimmed({ startS: 0, endS: trim.endS }, durationS);
      const body = { trim_start_s: trim.startS, trim_end_s: isEndCut ? trim.endS : null };
      await api.PATCH("/api/v1/messages/{message_id}", { params: { path }, body });
      return bodyOf(api.POST("/api/v1/messages/{message_id}/render", { params: { path } }));
    },
    onSuccess: (queued) => keepMessage(client, queued),
  });
  const told = sortByField(t, render.isError ? asProblem(render.error) : null, FIELDS);
  const failure = message.state === "failed" && !render.isError ? message.problem : null;
  return (
    <Page
      title={t.recorded.editTitle}
      width="wide"
      actions={<DeleteMessage message={message} onDelete={draft.abandon} isCompact />}
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          render.mutate();
        }}
        className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_24rem] lg:items-start lg:gap-8"
      >
        <div className="contents *:lg:col-span-2">
          {failure && (
            <Notice tone="bad" title={t.compose.failedTitle}>
              <FailureWords failure={failure} />
            </Notice>
          )}
          {message.state === "cancelled" && (
            <Notice title={t.compose.cancelledTitle}>{t.compose.cancelledText}</Notice>
          )}
          <WordsNotice words={told.rest} />
        </div>
        <div className="grid gap-5">
          <VideoPlayer
            src={src}
            title={title || t.recorded.editTitle}
            aspect={aspectOf(video.width_px, video.height_px)}
            durationS={durationS}
            locale={locale}
            onVideo={preview.onVideo}
          />
          <Card>
            <TrimField
              value={trim}
              durationS={durationS}
              problem={told.fields.trim}
              onValue={(moved, atS) => {
                setTrim(moved);
                preview.show(atS);
              }}
            />
          </Card>
        </div>
        <div className="grid gap-5">
          <Card className="grid gap-5">
            <TextField
              label={t.compose.headline}
              hint={t.compose.headlineHint}
              placeholder={t.compose.headlinePlaceholder}
              isOptional
              maxLength={200}
              value={title}
              onValue={(changed) => draft.change({ title: changed })}
              problem={told.fields.title}
            />
            <Field
              label={t.studio.captions}
              hint={t.studio.captionsHint}
              isOptional
              problem={told.fields.script}
            >
              {(control) => (
                <textarea
                  {...control}
                  rows={3}
                  lang={message.language}
                  value={script}
                  onChange={(event) => draft.change({ script: event.target.value })}
                  className="field-sizing-content max-h-60 min-h-24 w-full resize-y rounded-xl border border-edge bg-card px-4 py-3 aria-invalid:border-2 aria-invalid:border-bad"
                />
              )}
            </Field>
          </Card>
          <div className="fixed inset-x-0 bottom-0 z-20 border-line border-t bg-paper/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:static lg:rounded-2xl lg:border lg:bg-card lg:shadow-card">
            <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-3 md:px-8 lg:px-5 lg:py-4">
              <SaveLine state={draft.state} missing={[]} />
              <Button
                type="submit"
                look="primary"
                icon="share"
                busy={render.isPending}
                className="min-h-12 shrink-0 px-6"
              >
                {render.isPending ? t.compose.rendering : t.recorded.make}
              </Button>
            </div>
          </div>
        </div>
      </form>
    </Page>
  );
}

const trimOf = (message: Message, durationS: number): Trim => ({
  startS: message.trim_start_s,
  endS: message.trim_end_s ?? durationS,
});
