/** Sentences that were read and not made a voice of: they are offered again, and nothing is lost. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLanguage } from "../../i18n";
import { meQuery } from "../../lib/queries";
import { spooledSentences, unfinishedSample } from "../../lib/sentences";
import { buttonLook } from "../../ui/Button";
import { Icon } from "../../ui/Icon";

const unfinishedQuery = (accountId: string) =>
  queryOptions({
    queryKey: ["unfinished-sample", accountId],
    // A browser without a database keeps nothing: that is no problem of this page's.
    queryFn: () =>
      spooledSentences(accountId)
        .then(unfinishedSample)
        .catch(() => null),
    staleTime: 0,
    gcTime: 0,
  });

export function UnfinishedSample() {
  const { t, format } = useLanguage();
  const me = useQuery(meQuery).data;
  const query = useQuery({ ...unfinishedQuery(me?.id ?? ""), enabled: Boolean(me) });
  const sample = query.data;
  if (!sample) return null;
  const when = format.ago(new Date(sample.recordedMs).toISOString());
  return (
    <section
      aria-label={t.sample.unfinishedTitle}
      className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-3 rounded-2xl bg-warn-tint p-4 md:p-5"
    >
      <div className="min-w-0 flex-1 basis-56">
        <h2 className="flex items-center gap-2 font-bold text-lg">
          <Icon name="voice" className="size-6 text-warn" />
          {t.sample.unfinishedTitle}
        </h2>
        <p>{t.sample.unfinished(format.integer(sample.count), when)}</p>
      </div>
      <Link to="/voices/new" className={buttonLook("primary")}>
        {t.sample.goOn}
      </Link>
    </section>
  );
}
