/** Changing where events are sent, and which. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Webhook, type WebhookEvent } from "../../lib/api";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { useToast } from "../../ui/Toasts";
import { nameOf, webhooksQuery } from "./queries";
import { WebhookForm, type Wish } from "./WebhookForm";

export function ChangeWebhook({ webhook }: { webhook: Webhook }) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const queryClient = useQueryClient();
  const toast = useToast();
  const change = useMutation({
    mutationFn: (wish: Wish) =>
      bodyOf(
        api.PATCH("/api/v1/webhooks/{webhook_id}", {
          params: { path: { webhook_id: webhook.id } },
          body: wish,
        }),
      ),
    async onSuccess() {
      setOpen(false);
      toast(t.webhooks.changed);
      await queryClient.invalidateQueries(webhooksQuery);
    },
  });
  const was = { url: webhook.url, name: webhook.name, events: webhook.events as WebhookEvent[] };
  return (
    <>
      <Button
        look="quiet"
        aria-label={t.webhooks.changeNamed(nameOf(webhook))}
        onClick={() => {
          change.reset();
          setOpen(true);
        }}
      >
        {t.webhooks.change}
      </Button>
      <Dialog isOpen={isOpen} title={t.webhooks.changeTitle} onClose={() => setOpen(false)}>
        <WebhookForm
          was={was}
          error={change.error}
          onSubmit={(wish) => !change.isPending && change.mutate(wish)}
        >
          <div className="mt-2 flex flex-wrap justify-end gap-3">
            <Button onClick={() => setOpen(false)}>{t.common.cancel}</Button>
            <Button type="submit" look="primary" busy={change.isPending}>
              {t.common.save}
            </Button>
          </div>
        </WebhookForm>
      </Dialog>
    </>
  );
}
