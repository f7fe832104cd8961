/** A campaign as both its own page and the composer of its message read it. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, bodyOf, type Campaign, type RowState } from "./api";

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ["campaign", id],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/campaigns/{campaign_id}", {
          signal,
          params: { path: { campaign_id: id } },
        }),
      ),
  });

export const CAMPAIGNS_KEY = ["campaigns"];

/** Begin one; its message is a copy of `messageId`'s, or empty. */
export const beginCampaign = (name: string, messageId: string | null): Promise<Campaign> =>
  bodyOf(
    api.POST("/api/v1/campaigns", {
      body: { name, ...(messageId ? { message_id: messageId } : {}) },
    }),
  );

export type Counts = Record<RowState | "total", number>;

const NO_ROWS: Counts = {
  total: 0,
  left_out: 0,
  faulty: 0,
  waiting: 0,
  queued: 0,
  speaking: 0,
  composing: 0,
  ready: 0,
  failed: 0,
  cancelled: 0,
};

export const isRowState = (state: unknown): state is RowState =>
  typeof state === "string" && state !== "total" && Object.hasOwn(NO_ROWS, state);

/** How many rows are in each state. */
export const countsOf = ({ counts }: Pick<Campaign, "counts">): Counts => ({
  ...NO_ROWS,
  ...counts,
});

/** Put the server's newest word about a campaign where every page finds it. */
export function keepCampaign(client: QueryClient, campaign: Campaign): void {
  const { queryKey } = campaignQuery(campaign.id);
  void client.cancelQueries({ queryKey, exact: true });
  client.setQueryData(queryKey, campaign);
  void client.invalidateQueries({ queryKey: CAMPAIGNS_KEY });
}
