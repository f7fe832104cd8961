/** Follows a message while it is made: the server's events go straight into the cache. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Message, ProgressEvent } from "../../lib/api";
import { isInWork, messageQuery, messagesQuery } from "./queries";

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10_000;

/** The message as an event tells it. */
export function withProgress(message: Message, event: ProgressEvent): Message {
  const { state, problem, stage, percent, eta_s, note } = event;
  return { ...message, state, problem, progress: { stage, percent, eta_s, note } };
}

function readEvent(written: string): ProgressEvent | null {
  try {
    const event: ProgressEvent = JSON.parse(written);
    return typeof event.state === "string" && typeof event.percent === "number" ? event : null;
  } catch {
    return null;
  }
}

/** Listen until the work is over. Returns whether the connection holds. */
export function useProgressStream(id: string): { isConnected: boolean } {
  const client = useQueryClient();
  const [isConnected, setConnected] = useState(true);
  useEffect(() => follow(client, id, setConnected), [client, id]);
  return { isConnected };
}

function follow(client: QueryClient, id: string, tell: (isConnected: boolean) => void): () => void {
  const { queryKey } = messageQuery(id);
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;

  const finish = () => {
    source?.close();
    clearTimeout(timer);
  };
  const take = (told: MessageEvent<string>) => {
    const event = readEvent(told.data);
    const message = client.getQueryData(queryKey);
    if (!event || !message) return;
    retryMs = FIRST_RETRY_MS;
    tell(true);
    if (isInWork(event)) {
      client.setQueryData(queryKey, withProgress(message, event));
      return;
    }
    // The last event: what the message has become is asked for as a whole.
    finish();
    void client.invalidateQueries({ queryKey, exact: true });
    void client.invalidateQueries({ queryKey: messagesQuery.queryKey });
  };
  const listen = () => {
    source = new EventSource(`/api/v1/messages/${encodeURIComponent(id)}/events`);
    source.addEventListener("open", () => tell(true));
    source.addEventListener("progress", take);
    source.addEventListener("error", () => {
      tell(false);
      // A broken line is mended by the browser itself, from the last event on. An answer that is no
      // stream (a proxy in front of a server that is starting again) ends it: then it is up to us.
      if (source?.readyState !== EventSource.CLOSED) return;
      void client.invalidateQueries({ queryKey, exact: true });
      timer = setTimeout(listen, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    });
  };
  listen();
  return finish;
}
