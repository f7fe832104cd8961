import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, bodyOf, type Webhook } from "../../lib/api";

const POLL_MS = 2000;
const MAX_WEBHOOKS = 20;

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) =>
    bodyOf(api.GET("/api/v1/webhooks", { signal, params: { query: { limit: MAX_WEBHOOKS } } })),
});

/** The log of one webhook; while something waits it is looked at again and again. */
export const deliveriesQuery = (id: string, isFailed: boolean) =>
  infiniteQueryOptions({
    queryKey: ["webhook", id, "deliveries", isFailed],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      bodyOf(
        api.GET("/api/v1/webhooks/{webhook_id}/deliveries", {
          signal,
          params: {
            path: { webhook_id: id },
            query: {
              limit: 20,
              ...(isFailed ? { state: "failed" as const } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
        }),
      ),
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: (query) => {
      const items = query.state.data?.pages.flatMap((page) => page.items) ?? [];
      return items.some((item) => item.state === "waiting") ? POLL_MS : false;
    },
  });

/** What a webhook is called: by its name, or else by whom it reaches. */
export const nameOf = ({ name, url }: Pick<Webhook, "name" | "url">): string =>
  name || new URL(url).host;
