/** Whether a finished message says anything: a video without a word has captions that are empty. */

import { useQuery } from "@tanstack/react-query";
import type { Message } from "../../lib/api";
import { fetchText } from "./captions/captionsFile";

export function useHasWords(message: Message): boolean {
  const { captions_url, updated_at } = message;
  const written = useQuery({
    queryKey: ["words", captions_url, updated_at],
    enabled: captions_url !== null,
    queryFn: ({ signal }) => fetchText(captions_url ?? "", signal),
  });
  return written.data?.includes("-->") ?? false;
}
