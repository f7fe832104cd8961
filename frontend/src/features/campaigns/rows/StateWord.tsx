/** A row's state as a small coloured word, and what became of its mail. */

import { useLanguage } from "../../../i18n";
import type { CampaignRow, RowState } from "../../../lib/api";

const looks: Partial<Record<RowState, string>> = {
  ready: "bg-good-tint text-good",
  faulty: "bg-bad-tint text-bad",
  failed: "bg-bad-tint text-bad",
  queued: "bg-tint text-mark",
  speaking: "bg-tint text-mark",
  composing: "bg-tint text-mark",
};

export function StateWord({ state }: { state: RowState }) {
  const { t } = useLanguage();
  return (
    <span
      className={`whitespace-nowrap rounded-full px-2 py-0.5 font-semibold text-xs ${looks[state] ?? "bg-sunk text-quiet"}`}
    >
      {t.campaigns.rows.states[state]}
    </span>
  );
}

/** Whether they have it and have seen it, as far as that is known. */
export function useReceived(row: CampaignRow): string {
  const { t, format } = useLanguage();
  if (row.watched && row.watched.views > 0) {
    return t.campaigns.rows.watched(t.common.percent(format.integer(row.watched.percent)));
  }
  return row.mail ? (t.campaigns.rows.mails[row.mail.state] ?? "") : "";
}
