/** Webhooks: added, their secret shown once, tested, changed, and what was sent to them. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useText } from "../../i18n";
import type { MadeWebhook } from "../../lib/api";
import { Icon } from "../../ui/Icon";
import { LoadProblem } from "../../ui/Notice";
import { Card, Page, Skeleton } from "../../ui/Page";
import { MadeSecret } from "./MadeSecret";
import { NewWebhook } from "./NewWebhook";
import { webhooksQuery } from "./queries";
import { WebhookLine } from "./WebhookLine";

export function WebhooksPage() {
  const t = useText();
  const [made, setMade] = useState<MadeWebhook | null>(null);
  return (
    <Page title={t.webhooks.title} lead={t.webhooks.lead} width="narrow">
      <div className="grid gap-5">
        {made ? (
          <MadeSecret key={made.secret} made={made} onDone={() => setMade(null)} />
        ) : (
          <NewWebhook onMade={setMade} />
        )}
        <Card>
          <h2 className="mb-4 font-bold text-lg">{t.webhooks.list}</h2>
          <Webhooks onMade={setMade} />
        </Card>
        <Link
          to="/account"
          className="inline-flex min-h-11 items-center gap-2 font-semibold text-mark"
        >
          <Icon name="back" />
          {t.account.title}
        </Link>
      </div>
    </Page>
  );
}

function Webhooks({ onMade }: { onMade: (made: MadeWebhook) => void }) {
  const t = useText();
  const webhooks = useQuery(webhooksQuery);
  if (webhooks.isPending) return <Skeleton rows={1} className="h-14" />;
  if (webhooks.isError) {
    return <LoadProblem error={webhooks.error} onRetry={() => void webhooks.refetch()} />;
  }
  if (webhooks.data.items.length === 0) return <p className="text-quiet">{t.webhooks.none}</p>;
  return (
    <ul className="grid gap-3">
      {webhooks.data.items.map((webhook) => (
        <WebhookLine key={webhook.id} webhook={webhook} onMade={onMade} />
      ))}
    </ul>
  );
}
