import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useText } from "../../i18n";
import { api, type Message } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { useToast } from "../../ui/Toasts";
import { forgetCaptions } from "./captions/CaptionSaving";
import { messageQuery, messagesQuery } from "./queries";

interface DeleteMessageProps {
  message: Message;
  /** Called before the request: a draft must not be saved any more. */
  onDelete?: () => void;
  /** On a narrow screen only the bin is seen. */
  isCompact?: boolean;
}

export function DeleteMessage({ message, onDelete, isCompact }: DeleteMessageProps) {
  const t = useText();
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const remove = useMutation({
    mutationFn() {
      onDelete?.();
      const path = { message_id: message.id };
      return api.DELETE("/api/v1/messages/{message_id}", { params: { path } });
    },
    async onSuccess() {
      setAsking(false);
      forgetCaptions(message.id);
      void client.invalidateQueries({ queryKey: messagesQuery.queryKey });
      await navigate({ to: "/" });
      client.removeQueries({ queryKey: messageQuery(message.id).queryKey });
      toast(t.ready.deleted);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <>
      <Button look="quiet" icon="trash" onClick={() => setAsking(true)}>
        <span className={isCompact ? "max-sm:sr-only" : ""}>{t.compose.delete}</span>
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.ready.deleteTitle}
        text={message.state === "ready" ? t.ready.deleteReady : t.ready.deleteDraft}
        confirm={t.common.delete}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
