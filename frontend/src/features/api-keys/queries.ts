import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "../../lib/api";

export const apiKeysQuery = queryOptions({
  queryKey: ["api-keys"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/api-keys", { signal })),
});
