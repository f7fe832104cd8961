/** How long the video would take to be made, told while it is written. */

import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useLanguage } from "../../i18n";
import { api, bodyOf } from "../../lib/api";
import { useSettled } from "../../lib/settled";
import { charactersIn } from "../../lib/speech";
import { SCRIPT_LIMIT } from "../../ui/ScriptField";

/** A letter more or less changes nothing that anybody would notice. */
const STEP = 10;
/** Shorter waiting before the work is not worth a word. */
const TOLD_FROM_S = 5;

const makingTimeQuery = (characters: number, language: string, voice: string | null) =>
  queryOptions({
    queryKey: ["making-time", characters, language, voice],
    // The queue and the machine move on.
    staleTime: 30_000,
    placeholderData: keepPreviousData,
    enabled: characters > 0 && voice !== null,
    queryFn: ({ signal }) =>
      bodyOf(
        api.GET("/api/v1/making-time", {
          signal,
          params: { query: { characters, language, voice: voice ?? "" } },
        }),
      ),
  });

/** In words, or null as long as nothing can be said. */
export function useMakingTime(
  script: string,
  language: string,
  voice: string | null,
): string | null {
  const { t, format } = useLanguage();
  const letters = charactersIn(useSettled(script).trim());
  const isSpeakable = letters <= SCRIPT_LIMIT;
  const characters = isSpeakable ? Math.ceil(letters / STEP) * STEP : 0;
  const { data: told } = useQuery(makingTimeQuery(characters, language, voice));
  if (!told || characters === 0 || voice === null) return null;
  const making = t.compose.makingTime(format.length(told.making_s));
  if (told.wait_s >= TOLD_FROM_S) {
    return t.compose.makingWait(making, format.length(told.wait_s));
  }
  return told.is_measured ? making : t.compose.makingGuess(making);
}
