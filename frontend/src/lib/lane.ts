/** The voice machine that is off until it is needed. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, bodyOf, type Lane } from "./api";

const LOOK_MS = 5_000;

export const laneQuery = queryOptions({
  queryKey: ["lane"],
  staleTime: LOOK_MS,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/system/power", { signal })),
});

/** How it stands; looked at again and again where there is one at all. */
export function useLane(): Lane | undefined {
  return useQuery({
    ...laneQuery,
    refetchInterval: (query) => (query.state.data?.provider === "none" ? false : LOOK_MS),
  }).data;
}
