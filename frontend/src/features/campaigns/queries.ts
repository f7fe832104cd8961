/** Campaigns and their rows as the server has them. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, bodyOf, type RowState } from "../../lib/api";
import { CAMPAIGNS_KEY, campaignQuery } from "../../lib/campaigns";

const LIST_POLL_MS = 5000;

export const campaignsQuery = infiniteQueryOptions({
  queryKey: CAMPAIGNS_KEY,
  initialPageParam: null as string | null,
  queryFn: ({ signal, pageParam }) =>
    bodyOf(
      api.GET("/api/v1/campaigns", {
        signal,
        params: { query: { limit: 30, ...(pageParam ? { cursor: pageParam } : {}) } },
      }),
    ),
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.items.some(isMaking)) ? LIST_POLL_MS : false,
});

export const isMaking = ({ state }: { state: string }): boolean =>
  state === "sampling" || state === "running";

/** The message that all rows are made of; while it is a draft it is changed as any other. */
export const templateQuery = (id: string) =>
  queryOptions({
    queryKey: ["message", id],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/messages/{message_id}", { signal, params: { path: { message_id: id } } }),
      ),
  });

/** `waiting`: how many rows there are to make, of which it depends. */
export const estimateQuery = (id: string, waiting: number) =>
  queryOptions({
    queryKey: [...campaignQuery(id).queryKey, "estimate", waiting],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/campaigns/{campaign_id}/estimate", {
          signal,
          params: { path: { campaign_id: id } },
        }),
      ),
  });

/** The first rows: those that are listened to before the others are made stand among them. */
export const samplesQuery = (id: string) =>
  queryOptions({
    ...rowsQuery(id, { state: null, q: "" }, 0),
    select: (page) => page.items.filter((row) => row.is_sample),
  });

export const suppressionsQuery = infiniteQueryOptions({
  queryKey: ["suppressions"],
  initialPageParam: null as string | null,
  queryFn: ({ signal, pageParam }) =>
    bodyOf(
      api.GET("/api/v1/suppressions", {
        signal,
        params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } },
      }),
    ),
  getNextPageParam: (page) => page.next_cursor,
});

/** Which rows are looked at. */
export interface RowFilter {
  state: RowState | null;
  q: string;
}

export const ROWS_A_PAGE = 100;
export const rowsKey = (id: string) => [...campaignQuery(id).queryKey, "rows"];

export const rowsQuery = (id: string, { state, q }: RowFilter, page: number) =>
  queryOptions({
    queryKey: [...rowsKey(id), { state, q }, page],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/campaigns/{campaign_id}/rows", {
          signal,
          params: {
            path: { campaign_id: id },
            query: {
              limit: ROWS_A_PAGE,
              offset: page * ROWS_A_PAGE,
              ...(state ? { state } : {}),
              ...(q.trim() ? { q: q.trim() } : {}),
            },
          },
        }),
      ),
  });
