/** What was sent to a webhook, what came of it, and sending it again. */

import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Delivery, type Webhook } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { LoadProblem } from "../../ui/Notice";
import { Skeleton } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { deliveriesQuery } from "./queries";

export function DeliveryLog({ webhook }: { webhook: Webhook }) {
  const { t } = useLanguage();
  const [isFailed, setFailed] = useState(false);
  const log = useInfiniteQuery(deliveriesQuery(webhook.id, isFailed));
  const replayAll = useReplay(() =>
    bodyOf(
      api.POST("/api/v1/webhooks/{webhook_id}/replay", {
        params: { path: { webhook_id: webhook.id } },
      }),
    ).then(({ replayed }) => replayed),
  );
  const items = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <label className="flex min-h-11 items-center gap-3">
          <input
            type="checkbox"
            checked={isFailed}
            onChange={() => setFailed(!isFailed)}
            className="size-5 accent-mark"
          />
          {t.webhooks.onlyFailed}
        </label>
        {webhook.enabled && items.some(({ state }) => state === "failed") && (
          <Button look="quiet" busy={replayAll.isPending} onClick={() => replayAll.mutate()}>
            {t.webhooks.replayAll}
          </Button>
        )}
      </div>
      {log.isPending && <Skeleton rows={2} className="h-12" />}
      {log.isError && <LoadProblem error={log.error} onRetry={() => void log.refetch()} />}
      {log.isSuccess && items.length === 0 && (
        <p className="text-quiet">{t.webhooks.nothingSent}</p>
      )}
      <ul className="grid gap-2">
        {items.map((delivery) => (
          <DeliveryLine key={delivery.id} delivery={delivery} webhook={webhook} />
        ))}
      </ul>
      {log.hasNextPage && (
        <Button busy={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          {t.common.more}
        </Button>
      )}
    </div>
  );
}

const marks = {
  waiting: "text-quiet",
  delivered: "text-good",
  failed: "text-bad",
};

function DeliveryLine({ delivery, webhook }: { delivery: Delivery; webhook: Webhook }) {
  const { t, format } = useLanguage();
  const replay = useReplay(async () => {
    await api.POST("/api/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay", {
      params: { path: { webhook_id: webhook.id, delivery_id: delivery.id } },
    });
    return 1;
  });
  const last = delivery.attempts.at(-1);
  return (
    <li className="rounded-xl bg-card p-3">
      <div className="flex flex-wrap items-center justify-between gap-x-3">
        <p className="min-w-0">
          <code translate="no" className="break-all font-semibold">
            {delivery.type}
          </code>{" "}
          <span className={`font-semibold text-sm ${marks[delivery.state]}`}>
            {t.webhooks.states[delivery.state]}
            {last?.status && ` · ${last.status}`}
          </span>
        </p>
        {webhook.enabled && (
          <Button
            look="quiet"
            className="ms-auto"
            busy={replay.isPending}
            aria-label={t.webhooks.replayNamed(delivery.type)}
            onClick={() => replay.mutate()}
          >
            {t.webhooks.replay}
          </Button>
        )}
      </div>
      <p className="text-quiet text-sm">
        {format.moment(delivery.created_at)}
        {last && ` · ${t.webhooks.tries(delivery.attempts.length)}`}
        {delivery.next_try_at &&
          last &&
          ` · ${t.webhooks.nextTry(format.moment(delivery.next_try_at))}`}
      </p>
      {delivery.problem && <p className="text-sm">{t.webhooks.problems[delivery.problem]}</p>}
      <Particulars delivery={delivery} />
    </li>
  );
}

/** The event as it was sent, and each try with how its answer begins. */
function Particulars({ delivery }: { delivery: Delivery }) {
  const { t, format } = useLanguage();
  return (
    <details className="text-sm">
      <summary className="min-h-11 py-3 text-quiet">{t.webhooks.attempts}</summary>
      <div className="grid gap-2">
        <p className="font-semibold">{t.webhooks.sent}</p>
        <Words text={JSON.stringify(delivery.body, null, 2)} />
        {delivery.attempts.map((attempt) => (
          <div key={attempt.at} className="grid gap-1">
            <p>
              {format.moment(attempt.at)} · {attempt.status ?? "–"} ·{" "}
              {t.webhooks.took(String(attempt.duration_ms))}
            </p>
            {attempt.problem && <p>{t.webhooks.problems[attempt.problem]}</p>}
            {attempt.answer && <Words text={attempt.answer} />}
          </div>
        ))}
      </div>
    </details>
  );
}

const Words = ({ text }: { text: string }) => (
  <pre className="whitespace-pre-wrap break-all rounded-xl bg-sunk p-3">
    <code translate="no">{text}</code>
  </pre>
);

function useReplay(replay: () => Promise<number>) {
  const { t } = useLanguage();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: () => replay(),
    async onSuccess(count) {
      toast(t.webhooks.replayed(count));
      await queryClient.invalidateQueries({ queryKey: ["webhook"] });
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
}
