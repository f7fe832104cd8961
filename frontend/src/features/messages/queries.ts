/** The messages as the server has them. */

import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { api, bodyOf, type Message } from "../../lib/api";
import { sharesQuery } from "../../lib/links";

export const IN_WORK: readonly Message["state"][] = ["queued", "speaking", "composing"];
export const isInWork = (message: Pick<Message, "state">): boolean =>
  IN_WORK.includes(message.state);

const LIST_POLL_MS = 3000;

export const messagesQuery = infiniteQueryOptions({
  queryKey: ["messages"],
  initialPageParam: null as string | null,
  queryFn: ({ signal, pageParam }) =>
    bodyOf(
      api.GET("/api/v1/messages", {
        signal,
        params: { query: { limit: 30, ...(pageParam ? { cursor: pageParam } : {}) } },
      }),
    ),
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.items.some(isInWork)) ? LIST_POLL_MS : false,
});

export const messageQuery = (id: string) =>
  queryOptions({
    queryKey: ["message", id],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/messages/{message_id}", { signal, params: { path: { message_id: id } } }),
      ),
  });

/**
 * Put the server's newest word about a message where every page finds it.
 *
 * What is being asked for meanwhile may have been answered before this word, and arrive after it: a
 * page that shows a draft although its video is being made. So it is no longer waited for.
 */
export function keepMessage(client: QueryClient, message: Message): void {
  const { queryKey } = messageQuery(message.id);
  void client.cancelQueries({ queryKey, exact: true });
  client.setQueryData(queryKey, message);
  void client.invalidateQueries({ queryKey: messagesQuery.queryKey });
}

export const audienceQuery = (id: string) =>
  queryOptions({
    queryKey: ["message", id, "audience"],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/messages/{message_id}/audience", {
          signal,
          params: { path: { message_id: id } },
        }),
      ),
  });

const WAITING_POLL_MS = 3000;

export const emailsQuery = (id: string) =>
  queryOptions({
    queryKey: ["message", id, "emails"],
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/messages/{message_id}/emails", {
          signal,
          params: { path: { message_id: id } },
        }),
      ),
    refetchInterval: (query) =>
      query.state.data?.items.some((email) => email.state === "queued") ? WAITING_POLL_MS : false,
  });

/**
 * Ask anew for all that hangs on a message's links: the links, their mails, and who watched.
 *
 * A first answer still under way may be from before the change, and invalidating alone would take
 * it for the newest.
 */
export async function askAboutLinks(client: QueryClient, id: string): Promise<void> {
  const queries = [sharesQuery(id), emailsQuery(id), audienceQuery(id)].map(({ queryKey }) => ({
    queryKey,
    exact: true,
  }));
  await Promise.all(queries.map((query) => client.cancelQueries(query)));
  await Promise.all(queries.map((query) => client.invalidateQueries(query)));
}
