/** What more than one feature reads from the server. */

import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "./api";
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

const LIST_LIMIT = 100;

export const voicesQuery = queryOptions({
  queryKey: ["voices"],
  queryFn: ({ signal }) =>
    bodyOf(api.GET("/api/v1/voices", { signal, params: { query: { limit: LIST_LIMIT } } })),
});

export const baseVoicesQuery = queryOptions({
  queryKey: ["base-voices"],
  staleTime: 5 * 60_000,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/base-voices", { signal })),
});
