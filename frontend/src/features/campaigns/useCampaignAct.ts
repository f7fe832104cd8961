/** What is done with a campaign as a whole. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useText } from "../../i18n";
import { api, bodyOf, type Campaign } from "../../lib/api";
import { campaignQuery, keepCampaign } from "../../lib/campaigns";
import { asProblem, refusedWords, type Words } from "../../lib/problems";
import { rowsKey } from "./queries";

export const SAMPLES = 3;

const acts = {
  start: (path: { campaign_id: string }) =>
    api.POST("/api/v1/campaigns/{campaign_id}/start", {
      params: { path },
      body: { samples: SAMPLES },
    }),
  approve: (path: { campaign_id: string }) =>
    api.POST("/api/v1/campaigns/{campaign_id}/approve", { params: { path } }),
  pause: (path: { campaign_id: string }) =>
    api.POST("/api/v1/campaigns/{campaign_id}/pause", { params: { path } }),
  resume: (path: { campaign_id: string }) =>
    api.POST("/api/v1/campaigns/{campaign_id}/resume", { params: { path } }),
  retry: (path: { campaign_id: string }) =>
    api.POST("/api/v1/campaigns/{campaign_id}/retry", { params: { path } }),
  cancel: (path: { campaign_id: string }) =>
    api.POST("/api/v1/campaigns/{campaign_id}/cancel", { params: { path } }),
  reopen: (path: { campaign_id: string }) =>
    api.POST("/api/v1/campaigns/{campaign_id}/reopen", { params: { path } }),
};
export type Act = keyof typeof acts;

export function useCampaignAct(campaign: Campaign) {
  const t = useText();
  const client = useQueryClient();
  const navigate = useNavigate({ from: "/campaigns/$id" });
  const act = useMutation({
    mutationFn: (name: Act): Promise<Campaign> =>
      bodyOf<Campaign>(acts[name]({ campaign_id: campaign.id })),
    async onSuccess(changed, name) {
      keepCampaign(client, changed);
      // The step and the rows that the address names are those of the draft.
      if (name === "start") void navigate({ search: {}, replace: true });
      await client.invalidateQueries({ queryKey: rowsKey(campaign.id) });
    },
    // It may have moved on by itself meanwhile.
    onError: () => client.invalidateQueries(campaignQuery(campaign.id)),
  });
  const words: Words | undefined = act.isError ? refusedWords(t, asProblem(act.error)) : undefined;
  const isBusy = (name: Act) => act.isPending && act.variables === name;
  return { act: act.mutate, isBusy, words };
}
