/** What happens to the page when a session ends. */

import { QueryClient } from "@tanstack/react-query";
import { session } from "../lib/api";
import { Problem } from "../lib/problems";
import { meQuery } from "../lib/queries";

/** The cache of everything that came from the server. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // A 4xx stays one; a server that is restarting is worth a moment.
        retry: (count, error) => count < 2 && error instanceof Problem && error.isPassing,
        // The app may be on this very computer: being offline says nothing.
        networkMode: "always",
      },
      mutations: { networkMode: "always" },
    },
  });
}

/** Tell `onExpired` when somebody who was signed in no longer is; returns how to stop listening. */
export function watchSession(client: QueryClient, onExpired: () => void): () => void {
  const end = () => {
    if (!client.getQueryData(meQuery.queryKey)) return;
    client.setQueryData(meQuery.queryKey, null);
    onExpired();
  };
  session.addEventListener("end", end);
  return () => session.removeEventListener("end", end);
}
