/** When a link opens, where the server is off at night: whoever sends must know. */

import { useQuery } from "@tanstack/react-query";
import { useLanguage } from "../../i18n";
import { statusQuery } from "../../lib/queries";

export function LinkHours() {
  const { t } = useLanguage();
  const hours = useQuery(statusQuery).data?.opening_hours;
  if (!hours) return null;
  return (
    <p className="text-sm">
      {t.ready.linkWhen(hours.opens_h, hours.closes_h, hours.skips_holidays)}
    </p>
  );
}
