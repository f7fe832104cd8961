/** What the rows that wait would take: told before anything is begun. */

import { useQuery } from "@tanstack/react-query";
import { useLanguage } from "../../i18n";
import type { Campaign } from "../../lib/api";
import { countsOf } from "../../lib/campaigns";
import { estimateQuery } from "./queries";

export function Estimate({ campaign }: { campaign: Campaign }) {
  const { t, format } = useLanguage();
  const { waiting } = countsOf(campaign);
  const estimate = useQuery({ ...estimateQuery(campaign.id, waiting), enabled: waiting > 0 });
  if (estimate.isPending) return null;
  if (estimate.isError) return <>{t.campaigns.estimate.unknown}</>;
  const { rows, minutes, usd_micro, is_first_guess } = estimate.data;
  return (
    <>
      {t.campaigns.estimate.whole(format.integer(rows))}
      {" · "}
      {t.campaigns.estimate.time(format.length(minutes * 60))}
      {" · "}
      {usd_micro > 0 ? t.campaigns.estimate.cost(format.usd(usd_micro)) : t.campaigns.estimate.free}
      {is_first_guess && <span className="block max-sm:sr-only">{t.campaigns.estimate.first}</span>}
    </>
  );
}
