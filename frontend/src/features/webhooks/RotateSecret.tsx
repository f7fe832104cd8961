/** Making another secret: the old one signs too for a while, so that no event is refused. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type MadeWebhook, type Webhook } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { WordsNotice } from "../../ui/Notice";
import { OVERLAPS_S, type Overlap, OverlapField } from "../../ui/OverlapField";
import { nameOf, webhooksQuery } from "./queries";

interface RotateSecretProps {
  webhook: Webhook;
  onMade: (made: MadeWebhook) => void;
}

export function RotateSecret({ webhook, onMade }: RotateSecretProps) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const [overlap, setOverlap] = useState<Overlap>("day");
  const [made, setMade] = useState<MadeWebhook | null>(null);
  const queryClient = useQueryClient();
  useEffect(() => {
    // Not before the dialog is closed: until then nothing outside of it can have the focus.
    if (!made || isOpen) return;
    setMade(null);
    onMade(made);
  }, [made, isOpen, onMade]);
  const rotate = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/webhooks/{webhook_id}/rotate", {
          params: { path: { webhook_id: webhook.id } },
          body: { overlap_s: OVERLAPS_S[overlap] },
        }),
      ),
    async onSuccess(next) {
      setOpen(false);
      setMade(next);
      await queryClient.invalidateQueries(webhooksQuery);
    },
  });
  return (
    <>
      <Button
        look="quiet"
        aria-label={t.webhooks.rotateNamed(nameOf(webhook))}
        onClick={() => {
          rotate.reset();
          setOpen(true);
        }}
      >
        {t.webhooks.rotate}
      </Button>
      <Dialog isOpen={isOpen} title={t.webhooks.rotateTitle} onClose={() => setOpen(false)}>
        <div className="grid gap-4">
          <p className="text-quiet">{t.webhooks.rotateText}</p>
          <WordsNotice words={rotate.isError ? problemWords(t, asProblem(rotate.error)) : null} />
          <OverlapField label={t.webhooks.overlap} value={overlap} onValue={setOverlap} />
          <div className="mt-2 flex flex-wrap justify-end gap-3">
            <Button onClick={() => setOpen(false)}>{t.common.cancel}</Button>
            <Button look="primary" busy={rotate.isPending} onClick={() => rotate.mutate()}>
              {t.webhooks.rotate}
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
