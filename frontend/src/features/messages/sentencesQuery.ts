/** The sentences of a script as the speech service cuts them. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, bodyOf } from "../../lib/api";
import { asProblem, type Problem } from "../../lib/problems";
import { charactersIn } from "../../lib/speech";
import { SCRIPT_LIMIT } from "../../ui/ScriptField";

export const sentencesQuery = (script: string, language: string) =>
  queryOptions({
    queryKey: ["readings", language, script],
    staleTime: 5 * 60_000,
    placeholderData: keepPreviousData,
    enabled: script.trim() !== "" && charactersIn(script) <= SCRIPT_LIMIT,
    queryFn: ({ signal }) =>
      bodyOf(api.POST("/api/v1/readings", { signal, body: { text: script, language } })),
  });

/** A sign in the script that can't be followed: the server's word on it, None where all can. */
export function scriptProblem(error: unknown): Problem["errors"][number] | undefined {
  return error ? asProblem(error).errors.find(({ at }) => at != null) : undefined;
}

export const isOfScript = (error: unknown): boolean => scriptProblem(error) !== undefined;
