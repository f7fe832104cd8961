/** The music that comes with the product. */

import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./api";
import { Problem } from "./problems";

export const tracksQuery = queryOptions({
  queryKey: ["music"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/music", { signal })),
});

/** A track as a sound file. */
export async function fetchTrack(track: string, signal: AbortSignal): Promise<Blob> {
  const params = { path: { track } };
  const { data } = await api.GET("/api/v1/music/{track}", { signal, params, parseAs: "blob" });
  const sound: unknown = data;
  if (!(sound instanceof Blob)) throw new Problem("http", 200, "No sound came back.");
  return sound;
}
