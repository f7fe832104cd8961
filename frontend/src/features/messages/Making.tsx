/** A recording that can be watched already, while its MP4 is being made. */

import { useLanguage } from "../../i18n";
import type { Message } from "../../lib/api";
import { Card } from "../../ui/Page";
import { ProgressBar } from "../../ui/ProgressBar";
import { useProgressStream } from "./useProgressStream";

export function Making({ message }: { message: Message }) {
  const { t, format } = useLanguage();
  useProgressStream(message.id);
  const { percent } = message.progress;
  return (
    <Card className="grid gap-2.5">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4">
        <strong className="font-semibold">{t.recorded.ready}</strong>
        <span className="text-quiet text-sm tabular-nums">
          {t.common.percent(format.integer(Math.floor(percent)))}
        </span>
      </p>
      <ProgressBar value={percent} label={t.recorded.making} />
      <p className="text-quiet text-sm">{t.recorded.making}</p>
    </Card>
  );
}
