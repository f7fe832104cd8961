/** A row that is corrected, left out or approved: its new state goes where the table shows it. */

import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
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

interface ChangedRow {
  /** As it was seen by whoever changed it. */
  row: CampaignRow;
  changes: RowChange;
}

/** Save a change, over nothing that was not seen; of a row that was changed elsewhere that is told. */
export function useRowChange(campaign: Campaign) {
  const t = useText();
  const client = useQueryClient();
  const toast = useToast();
  const made = useRef(new Map<string, CampaignRow>());
  return useMutation({
    scope: { id: `${campaign.id} rows` },
    async mutationFn(change: ChangedRow) {
      const { row, changes } = overOwn(change, made.current);
      const changed = await bodyOf(
        api.PATCH("/api/v1/campaigns/{campaign_id}/rows/{row_id}", {
          params: {
            path: { campaign_id: campaign.id, row_id: row.id },
            header: { "if-match": `"${row.revision}"` },
          },
          body: changes,
        }),
      );
      made.current.set(stateOf(row), changed);
      made.current.delete(stateOf(changed));
      return changed;
    },
    onSuccess(row) {
      keepRow(client, campaign.id, row);
      void client.invalidateQueries({ queryKey: campaignQuery(campaign.id).queryKey, exact: true });
      // An address may be another row's too, which is judged anew; and a filter may fit no more.
      void client.invalidateQueries({ queryKey: rowsKey(campaign.id) });
    },
    onError(error) {
      toast(problemWords(t, asProblem(error)).what, "bad");
      void client.invalidateQueries({ queryKey: rowsKey(campaign.id) });
    },
  });
}

const stateOf = (row: CampaignRow): string => `${row.id} ${row.revision}`;

/**
 * A change as it is meant after one's own earlier ones, for whose answers nobody waits: of the
 * cells it sets those that differ from what was seen.
 *
 * made: what one's own changes made of a state
 */
export function overOwn(
  { row, changes }: ChangedRow,
  made: ReadonlyMap<string, CampaignRow>,
): ChangedRow {
  const next = made.get(stateOf(row));
  if (!next) return { row, changes };
  const cells = changes.cells?.map((cell, place) =>
    cell === row.cells[place] ? (next.cells[place] ?? cell) : cell,
  );
  return overOwn({ row: next, changes: cells ? { ...changes, cells } : changes }, made);
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
