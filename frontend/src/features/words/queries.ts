/** What this feature reads from the server. */

import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "../../lib/api";

export const wordsQuery = queryOptions({
  queryKey: ["words"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/words", { signal })),
});
