/** The links to a message: asked for, and made. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, bodyOf, type Share, type ShareChanges } from "./api";

export const sharesQuery = (id: string) =>
  queryOptions({
    queryKey: ["message", id, "shares"],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/messages/{message_id}/shares", {
          signal,
          params: { path: { message_id: id } },
        }),
      ),
  });

export const makeLink = (id: string, rules: ShareChanges = {}): Promise<Share> =>
  bodyOf(
    api.POST("/api/v1/messages/{message_id}/shares", {
      params: { path: { message_id: id } },
      body: rules,
    }),
  );

/**
 * Make the first link of a new message while the page that shows it opens: whoever asks meanwhile
 * which links there are waits for this one, and makes no second. Where it fails, they ask again.
 */
export function beginWithLink(client: QueryClient, id: string): void {
  void client.prefetchQuery({
    ...sharesQuery(id),
    queryFn: async () => ({ items: [await makeLink(id)] }),
    retry: false,
  });
}
