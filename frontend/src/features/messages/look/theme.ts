/** What choosing an occasion changes: what was chosen by hand stays. */

import { queryOptions } from "@tanstack/react-query";
import { api, bodyOf, type Theme } from "../../../lib/api";
import type { DraftContent } from "../draft";

export const themesQuery = queryOptions({
  queryKey: ["themes"],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/themes", { signal })),
});

type Look = Pick<
  DraftContent,
  "theme" | "title_card" | "closing_card" | "music_upload_id" | "music_track" | "waveform"
>;

/** `before` is the occasion that was chosen until now: its words and music make room. */
export function themeChanges(
  content: Look & Pick<DraftContent, "language">,
  before: Theme | null,
  theme: Theme | null,
): Partial<Look> {
  const language = content.language === "ja" ? "ja" : "en";
  const isOf = (held: string, words: Theme["title"] | undefined) =>
    held === "" || held === words?.ja || held === words?.en;
  const changes: Partial<Look> = { theme: theme?.id ?? null };
  if (isOf(content.title_card, before?.title)) {
    changes.title_card = theme?.title[language] ?? "";
  }
  if (isOf(content.closing_card, before?.closing)) {
    changes.closing_card = theme?.closing[language] ?? "";
  }
  const isTrackFree = content.music_track === (before?.music ?? null);
  if (content.music_upload_id === null && isTrackFree) changes.music_track = theme?.music ?? null;
  if (content.waveform === (before?.waveform ?? "bars")) {
    changes.waveform = theme?.waveform ?? "bars";
  }
  return changes;
}
