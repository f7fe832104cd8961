/** Says how long the voice machine still takes, while it wakes. */

import { useLanguage } from "../i18n";
import { useLane } from "../lib/lane";
import { Notice } from "./Notice";

/** Nothing where there is no such machine, or where nobody has to wait for it. */
export function LaneNotice() {
  const { t, format } = useLanguage();
  const wait_s = useLane()?.ready_in_s ?? null;
  return (
    <div role="status" className="empty:contents">
      {wait_s !== null && (
        <Notice title={t.lane.coming}>{t.lane.comingText(format.length(roundedUp(wait_s)))}</Notice>
      )}
    </div>
  );
}

/** In steps of ten seconds: a forecast that counts down by the second promises too much. */
const roundedUp = (seconds: number): number => Math.max(10, Math.ceil(seconds / 10) * 10);
