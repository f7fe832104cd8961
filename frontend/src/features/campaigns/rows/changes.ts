/** A row that is corrected, left out or approved: its new state goes where the table shows it. */

import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import type { components } from "../../../api/schema";
import { useText } from "../../../i18n";
import { api, bodyOf, type Campaign, type CampaignRow } from "../../../lib/api";
import { campaignQuery } from "../../../lib/campaigns";
import { asProblem, problemWords } from "../../../lib/problems";
import { useToast } from "../../../ui/Toasts";
import { rowsKey, type rowsQuery } from "../queries";

export type RowChange = components["schemas"]["RowChanges"];
type RowPage = Awaited<ReturnType<NonNullable<ReturnType<typeof rowsQuery>["queryFn"]>>>;

/** Show a row as it is now, wherever it is held. */
export function keepRow(client: QueryClient, campaignId: string, row: CampaignRow): void {
  client.setQueriesData<RowPage>({ queryKey: rowsKey(campaignId) }, (page) =>
    page?.items.some((held) => held.id === row.id)
      ? { ...page, items: page.items.map((held) => (held.id === row.id ? row : held)) }
      : page,
  );
}

export function useRowChange(campaign: Campaign) {
  const t = useText();
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: ({ row, changes }: { row: CampaignRow; changes: RowChange }) =>
      bodyOf(
        api.PATCH("/api/v1/campaigns/{campaign_id}/rows/{row_id}", {
          params: { path: { campaign_id: campaign.id, row_id: row.id } },
          body: changes,
        }),
      ),
    onSuccess(row) {
      keepRow(client, campaign.id, row);
      void client.invalidateQueries({ queryKey: campaignQuery(campaign.id).queryKey, exact: true });
      // An address may be another row's too, which is judged anew; and a filter may fit no more.
      void client.invalidateQueries({ queryKey: rowsKey(campaign.id) });
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
}

/** Make a row again, with its cells as they are now; what was made of it is deleted. */
export function useRowRetry(campaign: Campaign) {
  const t = useText();
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (row: CampaignRow) =>
      bodyOf(
        api.POST("/api/v1/campaigns/{campaign_id}/rows/{row_id}/retry", {
          params: { path: { campaign_id: campaign.id, row_id: row.id } },
        }),
      ),
    onSuccess(row) {
      keepRow(client, campaign.id, row);
      void client.invalidateQueries({ queryKey: campaignQuery(campaign.id).queryKey, exact: true });
      void client.invalidateQueries({ queryKey: rowsKey(campaign.id) });
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
}

/** The row's cells with one of them changed. */
export const withCell = (row: CampaignRow, column: number, value: string): string[] =>
  row.cells.map((cell, place) => (place === column ? value : cell));
