/** The rows that are in sight, fetched by page as one scrolls. */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CampaignRow } from "../../../lib/api";
import { ROWS_A_PAGE, type RowFilter, rowsQuery } from "../queries";

export interface Rows {
  /** The filter whose rows these are: the wanted one once its first page is there. */
  filter: RowFilter;
  total: number;
  error: Error | null;
  isPending: boolean;
  refetch: () => void;
  /** Undefined while its page is on its way. */
  at: (index: number) => CampaignRow | undefined;
}

/** Rows `first`..`last` of those that fit; the ones before stay until there are others. */
export function useRows(id: string, wanted: RowFilter, first: number, last: number): Rows {
  const head = useQuery(rowsQuery(id, wanted, 0));
  const [shown, setShown] = useState(wanted);
  const isOther = shown.state !== wanted.state || shown.q !== wanted.q;
  if (isOther && head.data) setShown(wanted);
  const from = Math.floor(Math.max(0, first) / ROWS_A_PAGE);
  const to = Math.max(from, Math.floor(Math.max(0, last) / ROWS_A_PAGE));
  const pages = Array.from({ length: to - from + 1 }, (_, place) => from + place);
  const results = useQueries({ queries: pages.map((page) => rowsQuery(id, shown, page)) });
  const known = useQuery(rowsQuery(id, shown, 0));
  return {
    filter: shown,
    total: known.data?.total ?? 0,
    error: known.error ?? results.find((result) => result.error)?.error ?? null,
    isPending: known.isPending,
    refetch() {
      void known.refetch();
      for (const result of results) void result.refetch();
    },
    at(index) {
      const page = Math.floor(index / ROWS_A_PAGE);
      const result = page === 0 ? known : results[page - from];
      return result?.data?.items[index - page * ROWS_A_PAGE];
    },
  };
}
