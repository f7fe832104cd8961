/** A recording that is not sent, or whose video failed: cut it, name it, send it. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Message } from "../../lib/api";
import { asProblem, Problem, sortByField } from "../../lib/problems";
import { uploadQuery } from "../../lib/queries";
import {
  aspectOf,
  giveCaptions,
  RECORDING_FIELDS,
  type RecordingField,
  takeCaptionsAway,
  trimFields,
} from "../../lib/recordings";
import type { Trim } from "../../lib/trim";
import { UploadsUnderway, useAfterUploads } from "../../lib/uploadsUnderway";
import { VideoPlayer } from "../../player/VideoPlayer";
import { Button, buttonLook } from "../../ui/Button";
import { LoadProblem, Notice } from "../../ui/Notice";
import { Page, Skeleton } from "../../ui/Page";
import { RecordingForm } from "../../ui/RecordingForm";
import { useTrimPreview } from "../../ui/useTrimPreview";
import { CorrectCaptions } from "./CorrectCaptions";
import { DeleteMessage } from "./DeleteMessage";
import { DraftConflict, goToConflicts } from "./DraftConflict";
import { BLANK, type DraftContent } from "./draft";
import { FailureWords } from "./FailureWords";
import { LookFields } from "./look/LookFields";
import { keepMessage } from "./queries";
import { SaveLine } from "./SaveLine";
import { UndoButtons } from "./UndoButtons";
import { useDraft } from "./useDraft";

export function RecordingEditor({ message }: { message: Message }) {
  const { t } = useLanguage();
  const recording = useQuery(uploadQuery(message.recording_upload_id));
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
  const draft = useDraft(message, BLANK, () => undefined);
  const durationS = video.duration_s;
  const trim = trimOf(draft.content, durationS);
  const preview = useTrimPreview(trim);
  const captions = useCaptionFile(message);
  const render = useMutation({
    async mutationFn() {
      const id = await draft.flush();
      if (!id) throw new Problem("network", 0, "The draft is not on the server yet.");
      return bodyOf(
        api.POST("/api/v1/messages/{message_id}/render", { params: { path: { message_id: id } } }),
      );
    },
    onSuccess: (queued) => keepMessage(client, queued),
  });
  const failure = message.state === "failed" && !render.isError ? message.problem : null;
  const refused = captions.error ?? render.error;
  const told = sortByField(t, refused && asProblem(refused), RECORDING_FIELDS);
  const change = (_field: RecordingField, changes: Partial<DraftContent>) => {
    if (render.isError) render.reset();
    draft.change(changes);
  };
  const afterUploads = useAfterUploads(() =>
    draft.conflicts.length > 0 ? goToConflicts() : render.mutate(),
  );
  return (
    <UploadsUnderway value={afterUploads.note}>
      <Page
        title={t.recorded.editTitle}
        width="wide"
        actions={<DeleteMessage message={message} onDelete={draft.abandon} isCompact />}
      >
        <RecordingForm
          content={draft.content}
          onChange={change}
          look={
            <LookFields
              content={draft.content}
              problemOf={(field) => told.fields[field]}
              onChange={change}
            />
          }
          isWrittenInto={isWrittenInto(draft.content)}
          trim={trim}
          durationS={durationS}
          onTrim={(moved, atS) => {
            draft.change(trimFields(moved, durationS));
            preview.show(atS);
          }}
          captions={{
            given: message.captions_vtt === null ? null : t.recorded.captionsGiven,
            isBusy: captions.isPending,
            onFile: captions.mutate,
            actions: <CorrectCaptions message={message} />,
          }}
          told={told}
          onSubmit={afterUploads.begin}
          player={
            <VideoPlayer
              src={src}
              title={draft.content.title || t.recorded.editTitle}
              aspect={aspectOf(video.width_px, video.height_px)}
              durationS={durationS}
              locale={locale}
              onVideo={preview.onVideo}
            />
          }
          notices={
            <>
              <DraftConflict draft={draft} />
              {failure && (
                <Notice tone="bad" title={t.compose.failedTitle}>
                  <FailureWords failure={failure} />
                </Notice>
              )}
              {message.state === "cancelled" && (
                <Notice title={t.compose.cancelledTitle}>{t.compose.cancelledText}</Notice>
              )}
            </>
          }
          bar={
            <>
              <SaveLine
                state={draft.state}
                missing={[]}
                hasTakenIn={draft.takenIn.length > 0}
                onDecide={goToConflicts}
              />
              <UndoButtons
                steps={draft.steps}
                onStep={(direction) => {
                  if (render.isError) render.reset();
                  draft.step(direction);
                }}
              />
              <Button
                type="submit"
                look="primary"
                icon="share"
                busy={render.isPending || afterUploads.isAwaiting}
                className="min-h-12 shrink-0 px-6"
              >
                {afterUploads.isAwaiting
                  ? t.compose.awaitingFiles
                  : render.isPending
                    ? t.compose.rendering
                    : t.recorded.make}
              </Button>
            </>
          }
        />
      </Page>
    </UploadsUnderway>
  );
}

/** A caption file goes to the server as it is chosen: only there it is read. */
function useCaptionFile(message: Message) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (file: File | null) =>
      file ? giveCaptions(message.id, file) : takeCaptionsAway(message.id),
    onSuccess: (changed) => keepMessage(client, changed),
  });
}

/** Of such a recording nobody sees anything before its video is made. */
const isWrittenInto = ({ title_card, closing_card, burned_captions }: DraftContent): boolean =>
  title_card.trim() !== "" || closing_card.trim() !== "" || burned_captions !== "none";

const trimOf = (message: DraftContent, durationS: number): Trim => ({
  startS: message.trim_start_s,
  endS: message.trim_end_s ?? durationS,
});
