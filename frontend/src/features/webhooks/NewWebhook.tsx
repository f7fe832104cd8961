/** Adding a webhook. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type MadeWebhook } from "../../lib/api";
import { Button } from "../../ui/Button";
import { Card } from "../../ui/Page";
import { webhooksQuery } from "./queries";
import { WebhookForm, type Wish } from "./WebhookForm";

export function NewWebhook({ onMade }: { onMade: (made: MadeWebhook) => void }) {
  const { t } = useLanguage();
  const queryClient = useQueryClient();
  const make = useMutation({
    mutationFn: (wish: Wish) => bodyOf(api.POST("/api/v1/webhooks", { body: wish })),
    async onSuccess(made) {
      onMade(made);
      await queryClient.invalidateQueries(webhooksQuery);
    },
  });
  return (
    <Card>
      <h2 className="mb-4 font-bold text-lg">{t.webhooks.makeTitle}</h2>
      <WebhookForm error={make.error} onSubmit={(wish) => !make.isPending && make.mutate(wish)}>
        <Button
          type="submit"
          look="primary"
          icon="plus"
          busy={make.isPending}
          className="justify-self-start"
        >
          {t.webhooks.make}
        </Button>
      </WebhookForm>
    </Card>
  );
}
