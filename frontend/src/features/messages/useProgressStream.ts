/** Follows a message while it is made: the server's events go straight into the cache. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { Message, ProgressEvent } from "../../lib/api";
import { isInWork, messageQuery, messagesQuery } from "./queries";

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 10_000;
/** A proxy may keep a line open whose server is gone: after such a silence we ask ourselves. */
const SILENCE_MS = 15_000;

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
  let retry: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;
  let lastId = 0;
  let lastHeardMs = Date.now();

  const askAgain = () => void client.invalidateQueries({ queryKey, exact: true });
  const take = (told: MessageEvent<string>) => {
    const event = readEvent(told.data);
    const message = client.getQueryData(queryKey);
    const isRepeated = Number(told.lastEventId) > 0 && Number(told.lastEventId) <= lastId;
    if (!event || !message || isRepeated) return;
    lastId = Number(told.lastEventId);
    lastHeardMs = Date.now();
    retryMs = FIRST_RETRY_MS;
    tell(true);
    if (isInWork(event)) {
      client.setQueryData(queryKey, withProgress(message, event));
      return;
    }
    // The last event: what the message has become is asked for as a whole.
    source?.close();
    askAgain();
    void client.invalidateQueries({ queryKey: messagesQuery.queryKey });
  };
  const listen = () => {
    source?.close();
    source = new EventSource(`/api/v1/messages/${encodeURIComponent(id)}/events`);
    source.addEventListener("open", () => tell(true));
    source.addEventListener("progress", take);
    source.addEventListener("error", () => {
      tell(false);
      // A broken line is mended by the browser itself, from the last event on. An answer that is no
      // stream (a proxy in front of a server that is starting again) ends it: then it is up to us.
      if (source?.readyState !== EventSource.CLOSED) return;
      askAgain();
      clearTimeout(retry);
      retry = setTimeout(listen, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    });
  };
  const watch = setInterval(() => {
    if (Date.now() - lastHeardMs < SILENCE_MS) return;
    lastHeardMs = Date.now();
    askAgain();
    if (source?.readyState !== EventSource.CONNECTING) listen();
  }, SILENCE_MS / 3);
  listen();
  return () => {
    source?.close();
    clearTimeout(retry);
    clearInterval(watch);
  };
}
