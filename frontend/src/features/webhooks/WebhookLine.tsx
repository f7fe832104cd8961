/** One webhook: how it stands, what can be done with it, and its log. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import { api, type MadeWebhook, type Webhook } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { useToast } from "../../ui/Toasts";
import { ChangeWebhook } from "./ChangeWebhook";
import { DeliveryLog } from "./DeliveryLog";
import { nameOf, webhooksQuery } from "./queries";
import { RotateSecret } from "./RotateSecret";

interface WebhookLineProps {
  webhook: Webhook;
  onMade: (made: MadeWebhook) => void;
}

export function WebhookLine({ webhook, onMade }: WebhookLineProps) {
  const { t, format } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const name = nameOf(webhook);
  const path = { params: { path: { webhook_id: webhook.id } } };
  const test = useAction(
    () => api.POST("/api/v1/webhooks/{webhook_id}/test", path),
    t.webhooks.tested,
    () => setOpen(true),
  );
  const enable = useAction(() =>
    api.PATCH("/api/v1/webhooks/{webhook_id}", { ...path, body: { enabled: !webhook.enabled } }),
  );
  return (
    <li className="grid gap-2 rounded-xl bg-sunk p-3 ps-4">
      <div>
        <p className="break-words font-semibold">{name}</p>
        <p translate="no" className="break-all text-quiet text-sm">
          {webhook.url}
        </p>
        <p className="text-quiet text-sm">
          {t.webhooks.events} {eventsOf(t.webhooks, webhook)}
        </p>
        {webhook.previous_secret_until && (
          <p className="font-semibold text-sm">
            {t.webhooks.overlapUntil(format.moment(webhook.previous_secret_until))}
          </p>
        )}
      </div>
      <Standing webhook={webhook} />
      <div className="flex flex-wrap justify-end">
        {webhook.enabled && (
          <Button
            look="quiet"
            busy={test.isPending}
            aria-label={t.webhooks.testNamed(name)}
            onClick={() => test.mutate()}
          >
            {t.webhooks.test}
          </Button>
        )}
        <Button
          look="quiet"
          busy={enable.isPending}
          aria-label={
            webhook.enabled ? t.webhooks.disableNamed(name) : t.webhooks.enableNamed(name)
          }
          onClick={() => enable.mutate()}
        >
          {webhook.enabled ? t.webhooks.disable : t.webhooks.enable}
        </Button>
        <ChangeWebhook webhook={webhook} />
        <RotateSecret webhook={webhook} onMade={onMade} />
        <DeleteWebhook webhook={webhook} />
      </div>
      <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary className="min-h-11 py-2.5 font-semibold">{t.webhooks.log}</summary>
        {isOpen && <DeliveryLog webhook={webhook} />}
      </details>
    </li>
  );
}

interface EventWords {
  allEvents: string;
  kinds: Readonly<Record<string, string>>;
}

function eventsOf({ allEvents, kinds }: EventWords, { events }: Webhook): string {
  if (events.length === Object.keys(kinds).length) return allEvents;
  return events.map((kind) => kinds[kind] ?? kind).join(" · ");
}

function Standing({ webhook }: { webhook: Webhook }) {
  const { t, format } = useLanguage();
  if (webhook.disabled_reason) {
    return (
      <Notice tone="warn" title={t.webhooks.disabled[webhook.disabled_reason]}>
        {t.webhooks.disabledText}
      </Notice>
    );
  }
  if (!webhook.failing_since) return null;
  return <Notice tone="warn">{t.webhooks.failing(format.moment(webhook.failing_since))}</Notice>;
}

function DeleteWebhook({ webhook }: { webhook: Webhook }) {
  const { t } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const remove = useAction(
    () =>
      api.DELETE("/api/v1/webhooks/{webhook_id}", { params: { path: { webhook_id: webhook.id } } }),
    t.webhooks.removed,
    () => setAsking(false),
  );
  return (
    <>
      <Button
        look="quiet"
        aria-label={t.webhooks.removeNamed(nameOf(webhook))}
        onClick={() => setAsking(true)}
      >
        {t.webhooks.remove}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.webhooks.removeTitle}
        text={t.webhooks.removeText}
        confirm={t.webhooks.remove}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

/** Something done to a webhook: what came of it is told, and the list is looked at again. */
function useAction(act: () => Promise<unknown>, told = "", onDone?: () => void) {
  const { t } = useLanguage();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: () => act(),
    async onSuccess() {
      onDone?.();
      if (told) toast(told);
      await queryClient.invalidateQueries({ queryKey: ["webhook"] });
      await queryClient.invalidateQueries(webhooksQuery);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
}
