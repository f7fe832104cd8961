/** What recipients answered: text as they typed it, recordings to play. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import { type Audience, api, type Reply } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { ConfirmDialog } from "../../ui/Dialog";
import { useToast } from "../../ui/Toasts";
import { audienceQuery } from "./queries";

interface RepliesProps {
  messageId: string;
  replies: readonly Reply[];
  links: Audience["shares"];
}

export function Replies({ messageId, replies, links }: RepliesProps) {
  const { t } = useLanguage();
  if (replies.length === 0) return null;
  const labels = new Map(links.map((link) => [link.share_id, link.label]));
  return (
    <section className="grid gap-3">
      <h3 className="font-semibold">{t.audience.replies}</h3>
      <ul className="grid gap-3">
        {replies.map((reply) => (
          <li key={reply.id} className="grid gap-1 rounded-xl bg-sunk p-3">
            <ReplyCard
              messageId={messageId}
              reply={reply}
              label={labels.get(reply.share_id) ?? null}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ReplyCardProps {
  messageId: string;
  reply: Reply;
  label: string | null;
}

function ReplyCard({ messageId, reply, label }: ReplyCardProps) {
  const { t, format } = useLanguage();
  const who = reply.name ?? label ?? t.audience.somebody;
  return (
    <>
      <p className="flex flex-wrap items-baseline justify-between gap-x-3">
        <strong className="font-semibold">{who}</strong>
        <time dateTime={reply.at} className="text-quiet text-sm">
          {format.ago(reply.at)}
        </time>
      </p>
      {reply.name && label && <p className="text-quiet text-sm">{t.audience.throughLink(label)}</p>}
      {reply.text && (
        <p dir="auto" className="whitespace-pre-wrap">
          {reply.text}
        </p>
      )}
      {reply.content_url && <Recording reply={reply} url={reply.content_url} who={who} />}
      <DeleteReply messageId={messageId} reply={reply} who={who} />
    </>
  );
}

function Recording({ reply, url, who }: { reply: Reply; url: string; who: string }) {
  const { t } = useLanguage();
  const name = t.audience.recordingOf(who);
  if (reply.kind === "video") {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what a recipient says here was not written down
      <video
        controls
        playsInline
        preload="metadata"
        src={url}
        aria-label={name}
        className="w-full rounded-lg"
      />
    );
  }
  // biome-ignore lint/a11y/useMediaCaption: what a recipient says here was not written down
  return <audio controls preload="metadata" src={url} aria-label={name} className="w-full" />;
}

function DeleteReply({ messageId, reply, who }: { messageId: string; reply: Reply; who: string }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/replies/{reply_id}", { params: { path: { reply_id: reply.id } } }),
    async onSuccess() {
      setAsking(false);
      toast(t.audience.replyDeleted);
      await client.invalidateQueries(audienceQuery(messageId));
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <>
      <button
        type="button"
        aria-label={t.audience.deleteReplyOf(who)}
        onClick={() => setAsking(true)}
        className="min-h-9 justify-self-start text-quiet text-sm underline underline-offset-4 hover:text-ink"
      >
        {t.common.delete}
      </button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.audience.deleteReplyTitle}
        text={t.audience.deleteReplyText}
        confirm={t.common.delete}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
