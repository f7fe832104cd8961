/** How a video reaches somebody: by a link where others can open it, else as a file. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Message, type Share } from "../../lib/api";
import { copyText } from "../../lib/clipboard";
import { asProblem, Problem, problemFrom, problemWords } from "../../lib/problems";
import { statusQuery } from "../../lib/queries";
import { Button, buttonLook } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Card, Skeleton } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { sharesQuery } from "./queries";

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
          <LinkPart message={message} isMain={false} />
        </>
      ) : (
        <>
          <LinkPart message={message} isMain />
          <Downloads message={message} isMain={false} />
        </>
      )}
      {message.synthetic && <p className="text-quiet text-sm">{t.ready.synthetic}</p>}
    </Card>
  );
}

function Downloads({ message, isMain }: { message: Message; isMain: boolean }) {
  const { t } = useLanguage();
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
      {message.captions_url && (
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

// --- the link --------------------------------------------------------------------------------

function useLink(message: Message) {
  const client = useQueryClient();
  const query = sharesQuery(message.id);
  const shares = useQuery(query);
  const active = shares.data?.items.find((share) => !share.revoked_at) ?? null;
  const create = async (): Promise<Share> => {
    if (active) return active;
    const share = await bodyOf(
      api.POST("/api/v1/messages/{message_id}/shares", {
        params: { path: { message_id: message.id } },
      }),
    );
    await client.invalidateQueries(query);
    return share;
  };
  return { active, create, refresh: () => client.invalidateQueries(query) };
}

function LinkPart({ message, isMain }: { message: Message; isMain: boolean }) {
  const { t } = useLanguage();
  const toast = useToast();
  const { active, create, refresh } = useLink(message);
  const [isCopied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const copy = useMutation({
    async mutationFn() {
      try {
        await copyText(create().then((share) => share.url));
        return true;
      } catch (error) {
        if (error instanceof Problem) throw error;
        return false;
      }
    },
    onSuccess(isDone) {
      setCopied(isDone);
      toast(isDone ? t.ready.linkCopied : t.ready.linkMarked);
      // No clipboard here: the link stands in the field, marked.
      if (!isDone) requestAnimationFrame(() => field.current?.select());
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  const share = useMutation({
    async mutationFn() {
      const { url } = await create();
      // Closing the sheet is no failure.
      await navigator
        .share({ url, title: message.title || t.common.untitled })
        .catch(() => undefined);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <div className="grid gap-3">
      <Button
        look={isMain ? "primary" : "plain"}
        icon={isCopied ? "check" : "link"}
        busy={copy.isPending}
        onClick={() => copy.mutate()}
        className="min-h-12"
      >
        {isMain ? t.ready.copyLink : t.ready.loopbackCopy}
      </Button>
      {isMain && typeof navigator.share === "function" && (
        <Button icon="share" busy={share.isPending} onClick={() => share.mutate()}>
          {t.ready.shareLink}
        </Button>
      )}
      {active && (
        <div className="grid gap-2">
          <input
            ref={field}
            readOnly
            value={active.url}
            aria-label={t.ready.linkField}
            onFocus={(event) => event.target.select()}
            className="w-full rounded-xl bg-sunk px-3 py-2.5 text-sm"
          />
          <Revoke share={active} onRevoked={refresh} />
        </div>
      )}
      {isMain && <p className="text-quiet text-sm">{t.ready.linkWhere}</p>}
    </div>
  );
}

function Revoke({ share, onRevoked }: { share: Share; onRevoked: () => Promise<void> }) {
  const { t } = useLanguage();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/shares/{share_id}", { params: { path: { share_id: share.id } } }),
    async onSuccess() {
      setAsking(false);
      toast(t.ready.revoked);
      await onRevoked();
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <>
      <button
        type="button"
        onClick={() => setAsking(true)}
        className="min-h-9 justify-self-start text-quiet text-sm underline underline-offset-4 hover:text-ink"
      >
        {t.ready.revoke}
      </button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.ready.revokeTitle}
        text={t.ready.revokeText}
        confirm={t.ready.revoke}
        busy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

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
  const url = message.small_video_url ?? message.video_url;
  if (!url) throw new Problem("not_found", 404, "There is no video.");
  const answer = await fetch(url);
  if (!answer.ok) throw problemFrom(answer.status, null);
  return new File([await answer.blob()], `${fileName(message)}.mp4`, { type: "video/mp4" });
}
