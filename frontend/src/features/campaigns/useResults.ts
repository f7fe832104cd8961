/** The results as a file, with a link for everybody whose video is ready. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useText } from "../../i18n";
import { api, bodyOf, type Campaign } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { useToast } from "../../ui/Toasts";
import { rowsKey } from "./queries";

/** Make the links that lack, which reading the results does not, and save the file. */
export function useResults(campaign: Campaign) {
  const t = useText();
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/campaigns/{campaign_id}/links", {
          params: { path: { campaign_id: campaign.id } },
        }),
      ),
    onSuccess({ made }) {
      save(`/api/v1/campaigns/${campaign.id}/results.csv`);
      if (made > 0) void client.invalidateQueries({ queryKey: rowsKey(campaign.id) });
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
}

/** Have the browser save a file, under the name that the server gives it. */
function save(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.click();
}
