/** Follows a campaign while it runs: the server's events go straight into the cache. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Campaign } from "../../lib/api";
import { CAMPAIGNS_KEY, campaignQuery } from "../../lib/campaigns";
import { rowsKey } from "./queries";

const RETRY_MS = 3000;
/** Rows move many times a second; nobody reads so fast. */
const ROWS_AFTER_MS = 1500;

export type CampaignNews = Pick<Campaign, "state" | "counts" | "progress">;

export function readNews(written: string): CampaignNews | null {
  try {
    const news: CampaignNews = JSON.parse(written);
    return typeof news.state === "string" && typeof news.counts === "object" ? news : null;
  } catch {
    return null;
  }
}

/** Listen as long as the page is open. Returns whether the connection holds. */
export function useCampaignStream(id: string): { isConnected: boolean } {
  const client = useQueryClient();
  const [isConnected, setConnected] = useState(true);
  useEffect(() => follow(client, id, setConnected), [client, id]);
  return { isConnected };
}

function follow(client: QueryClient, id: string, tell: (isConnected: boolean) => void): () => void {
  const { queryKey } = campaignQuery(id);
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let rows: ReturnType<typeof setTimeout> | undefined;

  const askForRows = () => {
    rows ??= setTimeout(() => {
      rows = undefined;
      void client.invalidateQueries({ queryKey: rowsKey(id) });
    }, ROWS_AFTER_MS);
  };
  const take = (told: MessageEvent<string>) => {
    const news = readNews(told.data);
    const held = client.getQueryData(queryKey);
    if (!news || !held) return;
    tell(true);
    client.setQueryData(queryKey, { ...held, ...readable(news) });
    askForRows();
    if (news.state === held.state) return;
    // What it has become is asked for as a whole.
    void client.invalidateQueries({ queryKey, exact: true });
    void client.invalidateQueries({ queryKey: CAMPAIGNS_KEY });
  };
  const listen = () => {
    source = new EventSource(`/api/v1/campaigns/${encodeURIComponent(id)}/events`);
    source.addEventListener("open", () => tell(true));
    source.addEventListener("progress", take);
    source.addEventListener("error", () => {
      tell(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(listen, RETRY_MS);
    });
  };
  listen();
  return () => {
    source?.close();
    clearTimeout(retry);
    clearTimeout(rows);
  };
}

const readable = ({ state, counts, progress }: CampaignNews): CampaignNews => ({
  state,
  counts,
  progress,
});
