/** Who watched, kept up to date by the server's events. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { askAboutLinks, audienceQuery } from "./queries";

const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

export function useAudience(id: string) {
  const client = useQueryClient();
  useEffect(() => {
    const { queryKey } = audienceQuery(id);
    return listen(id, (version) => {
      const held = client.getQueryData(queryKey);
      if (held && version <= held.version) return;
      void askAboutLinks(client, id);
    });
  }, [client, id]);
  return useQuery(audienceQuery(id));
}

/** Tell each version of the audience until it is no longer wanted. */
function listen(id: string, tell: (version: number) => void): () => void {
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let retryMs = FIRST_RETRY_MS;
  const open = () => {
    source = new EventSource(`/api/v1/messages/${encodeURIComponent(id)}/audience/events`);
    source.addEventListener("changed", (told: MessageEvent<string>) => {
      retryMs = FIRST_RETRY_MS;
      tell(Number(told.data));
    });
    source.addEventListener("error", () => {
      // A broken line is mended by the browser itself; an answer that is no stream ends it.
      if (source?.readyState !== EventSource.CLOSED) return;
      retry = setTimeout(open, retryMs);
      retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
    });
  };
  open();
  return () => {
    source?.close();
    clearTimeout(retry);
  };
}
