/** The captions of a message, corrected by ear. */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useLanguage } from "../../../i18n";
import type { Message } from "../../../lib/api";
import { asProblem } from "../../../lib/problems";
import { uploadQuery } from "../../../lib/queries";
import { aspectOf } from "../../../lib/recordings";
import { buttonLook } from "../../../ui/Button";
import { Icon } from "../../../ui/Icon";
import { NothingHere } from "../../../ui/NothingHere";
import { LoadProblem, Notice } from "../../../ui/Notice";
import { Page, Skeleton } from "../../../ui/Page";
import { isInWork, messageQuery } from "../queries";
import { CaptionsEditor, type Heard } from "./CaptionsEditor";
import { fetchText } from "./captionsFile";

export function CaptionsPage() {
  const { id } = useParams({ from: "/signed-in/messages/$id/captions" });
  const message = useQuery(messageQuery(id));
  if (message.data) return <OfMessage key={id} message={message.data} />;
  if (message.isError && asProblem(message.error).status === 404) return <NothingHere />;
  return (
    <Frame id={id}>
      {message.isError ? (
        <LoadProblem error={message.error} onRetry={() => void message.refetch()} />
      ) : (
        <Skeleton rows={2} className="h-64" />
      )}
    </Frame>
  );
}

function OfMessage({ message }: { message: Message }) {
  const { t } = useLanguage();
  if (message.state === "ready") return <OfVideo message={message} />;
  if (isInWork(message) || message.kind === "photo") {
    return (
      <Frame id={message.id}>
        <Notice>{t.captions.notYet}</Notice>
      </Frame>
    );
  }
  return <OfRecording message={message} />;
}

/** Once the video is ready, the captions that are seen may be given or made: the file has them. */
function OfVideo({ message }: { message: Message }) {
  const captions = useQuery({
    queryKey: ["message", message.id, "captions"],
    // Read once: what is corrected afterwards is here, and comes back from nowhere.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    queryFn: ({ signal }) => fetchText(message.captions_url ?? "", signal),
  });
  const { video_url, width_px, height_px, duration_s } = message;
  if (captions.data === undefined || !video_url) {
    return (
      <Frame id={message.id}>
        {captions.isError ? (
          <LoadProblem error={captions.error} onRetry={() => void captions.refetch()} />
        ) : (
          <Skeleton rows={2} className="h-64" />
        )}
      </Frame>
    );
  }
  const heard: Heard = {
    src: video_url,
    aspect: aspectOf(width_px ?? 0, height_px ?? 0),
    durationS: duration_s ?? 0,
  };
  return (
    <Frame id={message.id} lead={<Lead isReady />}>
      <CaptionsEditor message={message} webvtt={captions.data} heard={heard} />
    </Frame>
  );
}

function OfRecording({ message }: { message: Message }) {
  const { t } = useLanguage();
  const upload = useQuery(uploadQuery(message.recording_upload_id));
  const { video, content_url } = upload.data ?? {};
  const isGone = !message.recording_upload_id || asProblem(upload.error ?? "").status === 404;
  if (!video || !content_url) {
    return (
      <Frame id={message.id}>
        {isGone ? (
          <Notice tone="warn">{t.captions.noVideo}</Notice>
        ) : upload.isError ? (
          <LoadProblem error={upload.error} onRetry={() => void upload.refetch()} />
        ) : (
          <Skeleton rows={2} className="h-64" />
        )}
      </Frame>
    );
  }
  const heard: Heard = {
    src: content_url,
    aspect: aspectOf(video.width_px, video.height_px),
    durationS: video.duration_s,
  };
  return (
    <Frame id={message.id} lead={<Lead />}>
      <CaptionsEditor message={message} webvtt={message.captions_vtt ?? ""} heard={heard} />
    </Frame>
  );
}

function Lead({ isReady = false }: { isReady?: boolean }) {
  const { t } = useLanguage();
  return (
    <>
      {t.captions.lead} {isReady && t.captions.leadReady}
    </>
  );
}

function Frame({ id, lead, children }: { id: string; lead?: ReactNode; children: ReactNode }) {
  const { t } = useLanguage();
  const back = (
    <Link to="/messages/$id" params={{ id }} className={buttonLook("quiet")}>
      <Icon name="back" />
      {t.captions.back}
    </Link>
  );
  return (
    <Page title={t.captions.title} width="wide" actions={back} lead={lead}>
      {children}
    </Page>
  );
}
