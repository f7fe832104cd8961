import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useText } from "../../i18n";
import { api, type Campaign } from "../../lib/api";
import { CAMPAIGNS_KEY, campaignQuery } from "../../lib/campaigns";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { useToast } from "../../ui/Toasts";

export function DeleteCampaign({ campaign }: { campaign: Campaign }) {
  const t = useText();
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/campaigns/{campaign_id}", {
        params: { path: { campaign_id: campaign.id } },
      }),
    async onSuccess() {
      setAsking(false);
      void client.invalidateQueries({ queryKey: CAMPAIGNS_KEY });
      await navigate({ to: "/campaigns" });
      client.removeQueries({ queryKey: campaignQuery(campaign.id).queryKey });
      toast(t.campaigns.removed);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <>
      <Button look="quiet" icon="trash" onClick={() => setAsking(true)}>
        <span className="max-sm:sr-only">{t.campaigns.remove}</span>
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.campaigns.removeTitle}
        text={t.campaigns.removeText}
        confirm={t.common.delete}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
