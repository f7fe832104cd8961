/** Says how long the voice machine still takes, while it wakes. */

import { useLanguage } from "../i18n";
import { useLane } from "../lib/lane";
import { Notice } from "./Notice";

/** For whoever waits: nothing where there is no such machine, or where it is not coming. */
export function LaneNotice() {
  const { t } = useLanguage();
  const wait = useWait();
  return (
    <div role="status" className="empty:contents">
      {wait && <Notice title={t.lane.coming}>{t.lane.left(wait)}</Notice>}
    </div>
  );
}

/** For whoever still writes: one quiet line, short enough for a phone. */
export function LaneLine() {
  const { t } = useLanguage();
  const wait = useWait();
  return (
    <p role="status" className="basis-full text-quiet text-sm leading-snug empty:hidden">
      {wait && t.lane.soon(wait)}
    </p>
  );
}

function useWait(): string | null {
  const { format } = useLanguage();
  const wait_s = useLane()?.ready_in_s ?? null;
  return wait_s === null ? null : format.length(roundedUp(wait_s));
}

/** In steps of ten seconds: a forecast that counts down by the second promises too much. */
const roundedUp = (seconds: number): number => Math.max(10, Math.ceil(seconds / 10) * 10);
