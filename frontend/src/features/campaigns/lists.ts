/** Giving a campaign its list, as a file or as text. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useText } from "../../i18n";
import type { Catalogue } from "../../i18n/en";
import { api, bodyOf, type Campaign } from "../../lib/api";
import { campaignQuery, keepCampaign } from "../../lib/campaigns";
import { asProblem, type Problem, refusedWords, type Words } from "../../lib/problems";
import { rowsKey } from "./queries";

export type GivenList = File | string;

function putList(campaign: Campaign, given: GivenList): Promise<Campaign> {
  const params = {
    path: { campaign_id: campaign.id },
    header: { "if-match": `"${campaign.revision}"` },
  };
  if (typeof given === "string") {
    return bodyOf(
      api.PUT("/api/v1/campaigns/{campaign_id}/list", { params, body: { text: given } }),
    );
  }
  const form = new FormData();
  form.append("file", given, given.name);
  return bodyOf(
    api.PUT("/api/v1/campaigns/{campaign_id}/list", {
      params,
      body: { file: given.name },
      bodySerializer: () => form,
    }),
  );
}

export function useGiveList(campaign: Campaign) {
  const t = useText();
  const client = useQueryClient();
  const give = useMutation({
    mutationFn: (given: GivenList) => putList(campaign, given),
    onSuccess(changed) {
      keepCampaign(client, changed);
      client.removeQueries({ queryKey: rowsKey(campaign.id) });
    },
    // Where it was changed elsewhere, what is there now is what the next list replaces.
    onError: () => client.invalidateQueries({ ...campaignQuery(campaign.id), exact: true }),
  });
  const problem = give.isError ? listWords(t, asProblem(give.error)) : undefined;
  return { give: give.mutate, isGiving: give.isPending, problem };
}

/** What was refused of a list; a line that the server names is told too. */
function listWords(t: Catalogue, problem: Problem): Words | undefined {
  const words = refusedWords(t, problem);
  const line = /(?:line|Row) ([\d,]+)/.exec(problem.errors[0]?.message ?? "")?.[1];
  return words && line ? { ...words, what: t.campaigns.list.inLine(line, words.what) } : words;
}

/** As spreadsheet programs call them. */
const ENCODINGS: Record<string, string> = {
  "utf-8": "UTF-8",
  "utf-8-sig": "UTF-8",
  utf_8: "UTF-8",
  cp932: "Shift_JIS",
  shift_jis: "Shift_JIS",
  euc_jp: "EUC-JP",
  iso2022_jp: "ISO-2022-JP",
  cp1252: "Windows-1252",
};

/** An encoding's name in a sentence; one that has no better name keeps its own. */
export function encodingName(encoding: string): string {
  return ENCODINGS[encoding] ?? encoding;
}
