/** Changes to a campaign's name and mapping, each on what was seen. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useText } from "../../i18n";
import { api, bodyOf, type Campaign, type CampaignMapping } from "../../lib/api";
import { campaignQuery, keepCampaign } from "../../lib/campaigns";
import { asProblem, problemWords } from "../../lib/problems";
import { useToast } from "../../ui/Toasts";
import { rowsKey } from "./queries";

export interface CampaignChange {
  name?: string;
  mapping?: CampaignMapping;
}

/** Save a change; of a campaign that was changed elsewhere the newest is shown instead. */
export function useCampaignChange(campaign: Campaign) {
  const t = useText();
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    scope: { id: campaign.id },
    mutationFn(body: CampaignChange) {
      const held = client.getQueryData(campaignQuery(campaign.id).queryKey) ?? campaign;
      return bodyOf(
        api.PATCH("/api/v1/campaigns/{campaign_id}", {
          params: {
            path: { campaign_id: campaign.id },
            header: { "if-match": `"${held.revision}"` },
          },
          body,
        }),
      );
    },
    async onSuccess(changed) {
      keepCampaign(client, changed);
      await client.invalidateQueries({ queryKey: rowsKey(campaign.id) });
    },
    onError(error) {
      toast(problemWords(t, asProblem(error)).what, "bad");
      void client.invalidateQueries(campaignQuery(campaign.id));
    },
  });
}
