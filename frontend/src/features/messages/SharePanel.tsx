/** How a video reaches somebody: by a link where others can open it, else as a file. */

import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import type { Message } from "../../lib/api";
import { isVoicevox } from "../../lib/characters";
import { Problem, problemFrom } from "../../lib/problems";
import { statusQuery } from "../../lib/queries";
import { Button, buttonLook } from "../../ui/Button";
import { CharacterTerms } from "../../ui/CharacterTerms";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Card, Skeleton } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { Emails } from "./Emails";
import { Links } from "./Links";
import { useHasWords } from "./useHasWords";

/** Where the server cannot say how it is reached, the page's own address tells. */
const LOOPBACK = /^(localhost|127\..*|\[::1\])$/;

export function SharePanel({ message }: { message: Message }) {
  const { t } = useLanguage();
  const status = useQuery(statusQuery);
  const isLoopback = status.data?.is_loopback ?? LOOPBACK.test(location.hostname);
  return (
    <Card className="grid gap-4">
      <h2 className="font-bold text-lg">{t.ready.shareTitle}</h2>
      {status.isPending ? (
        <Skeleton rows={2} className="h-12" />
      ) : isLoopback ? (
        <>
          <Notice tone="warn" title={t.ready.loopbackTitle}>
            {message.video_url && <p className="text-sm">{t.ready.loopbackText}</p>}
          </Notice>
          <ShareFile message={message} />
          <Downloads message={message} isMain={!canShareVideo()} />
          <Links message={message} isMain={false} />
        </>
      ) : (
        <>
          <Links message={message} isMain />
          <Downloads message={message} isMain={false} />
        </>
      )}
      <Emails message={message} />
      {message.credit && isVoicevox(message.base_voice) && (
        <CharacterTerms voiceId={message.base_voice} credit={message.credit} />
      )}
      {message.synthetic && <p className="text-quiet text-sm">{t.ready.synthetic}</p>}
    </Card>
  );
}

function Downloads({ message, isMain }: { message: Message; isMain: boolean }) {
  const { t } = useLanguage();
  const hasWords = useHasWords(message);
  if (!message.video_url) return null;
  const link = "inline-flex min-h-11 items-center gap-2 font-semibold text-mark hover:underline";
  return (
    <div className="grid gap-1">
      <a
        href={`${message.video_url}?download=1`}
        download
        className={buttonLook(isMain ? "primary" : "plain", "min-h-12")}
      >
        <Icon name="download" />
        {t.ready.download}
      </a>
      {message.small_video_url && (
        <a href={`${message.small_video_url}?download=1`} download className={link}>
          <Icon name="download" />
          {t.ready.downloadSmall}
        </a>
      )}
      {hasWords && message.captions_url && (
        <a href={message.captions_url} download={`${fileName(message)}.vtt`} className={link}>
          <Icon name="captions" />
          {t.ready.captions}
        </a>
      )}
    </div>
  );
}

/** A name that every system takes. */
const fileName = (message: Message): string =>
  message.title
    .replaceAll(/[\\/:*?"<>|\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, 80) || "video-message";

// --- the file --------------------------------------------------------------------------------

/** Whether this browser can hand a video to another app at all. */
function canShareVideo(): boolean {
  const probe = new File([], "video.mp4", { type: "video/mp4" });
  return typeof navigator.canShare === "function" && navigator.canShare({ files: [probe] });
}

/**
 * The phone's own share sheet. A browser opens it only shortly after a tap; where fetching the
 * video took longer than that, the next tap sends at once.
 */
function ShareFile({ message }: { message: Message }) {
  const { t } = useLanguage();
  const toast = useToast();
  const [held, setHeld] = useState<File | null>(null);
  const [needsTap, setNeedsTap] = useState(false);
  const send = useMutation({
    async mutationFn() {
      const file = held ?? (await fetchVideo(message));
      setHeld(file);
      setNeedsTap(false);
      try {
        await navigator.share({ files: [file], title: message.title });
      } catch (error) {
        const name = error instanceof DOMException ? error.name : "";
        // AbortError: the sheet was closed. NotAllowedError: too late, the next tap will do.
        setNeedsTap(name === "NotAllowedError");
        if (name !== "AbortError" && name !== "NotAllowedError") throw error;
      }
    },
    onError: () => toast(t.ready.shareFailed, "bad"),
  });
  if (!message.video_url || !canShareVideo()) return null;
  return (
    <Button
      look="primary"
      icon="share"
      busy={send.isPending}
      onClick={() => send.mutate()}
      className="min-h-12"
    >
      {send.isPending && !held
        ? t.ready.sharePreparing
        : needsTap
          ? t.ready.shareAgain
          : t.ready.shareFile}
    </Button>
  );
}

/** The version that messengers take: at most 16 MB. */
async function fetchVideo(message: Message): Promise<File> {
  const url = message.small_video_url ?? (message.video_url && `${message.video_url}?download=1`);
  if (!url) throw new Problem("not_found", 404, "There is no video.");
  const answer = await fetch(url);
  if (!answer.ok) throw problemFrom(answer.status, null);
  return new File([await answer.blob()], `${fileName(message)}.mp4`, { type: "video/mp4" });
}
