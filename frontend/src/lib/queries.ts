/** What more than one feature reads from the server. */

import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf, type Voice } from "./api";
import { Problem } from "./problems";

/** Who is signed in; null is nobody. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  staleTime: 5 * 60_000,
  async queryFn({ signal }) {
    try {
      return await bodyOf(api.GET("/api/v1/accounts/me", { signal }));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
});

export const signUpQuery = queryOptions({
  queryKey: ["sign-up"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/accounts/sign-up", { signal })),
});

export const statusQuery = queryOptions({
  queryKey: ["status"],
  staleTime: 30_000,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/system/status", { signal })),
});

const PAGE_LIMIT = 100;

/** All of one's voices: whoever chooses among them looks for one by name, not by page. */
export const voicesQuery = queryOptions({
  queryKey: ["voices"],
  async queryFn({ signal }) {
    const items: Voice[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const query = { limit: PAGE_LIMIT, ...(cursor ? { cursor } : {}) };
      const page = await bodyOf(api.GET("/api/v1/voices", { signal, params: { query } }));
      items.push(...page.items);
      cursor = page.next_cursor ?? null;
    }
    return { items };
  },
});

export const baseVoicesQuery = queryOptions({
  queryKey: ["base-voices"],
  staleTime: 5 * 60_000,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/base-voices", { signal })),
});

/** What was uploaded: a recording, a photo, music. */
export const uploadQuery = (id: string | null) =>
  queryOptions({
    queryKey: ["upload", id],
    enabled: id !== null,
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/uploads/{upload_id}", {
          signal,
          params: { path: { upload_id: id ?? "" } },
        }),
      ),
  });
