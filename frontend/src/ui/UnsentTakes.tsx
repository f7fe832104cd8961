/** Recordings that were cut short or never sent: they are offered again, and nothing is lost. */

import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useLanguage } from "../i18n";
import { meQuery } from "../lib/queries";
import type { SpooledTake } from "../lib/spool";
import { discardOrphan, orphans, orphanTakes } from "../lib/take";
import { Button, buttonLook } from "./Button";
import { ConfirmDialog } from "./Dialog";
import { Icon } from "./Icon";

const takesQuery = (accountId: string) =>
  queryOptions({
    queryKey: ["takes", accountId],
    // A browser without a database keeps no takes: that is no problem of this page's.
    queryFn: () => orphanTakes(accountId).catch((): SpooledTake[] => []),
    staleTime: 0,
    gcTime: 0,
  });

export function UnsentTakes() {
  const { t } = useLanguage();
  const me = useQuery(meQuery).data;
  const query = useQuery({ ...takesQuery(me?.id ?? ""), enabled: Boolean(me) });
  const { refetch } = query;
  useEffect(() => {
    const look = () => void refetch();
    orphans.addEventListener("change", look);
    return () => orphans.removeEventListener("change", look);
  }, [refetch]);
  const takes = query.data ?? [];
  if (takes.length === 0) return null;
  return (
    <section
      aria-label={t.studio.unsentTitle}
      className="mb-6 grid gap-3 rounded-2xl bg-warn-tint p-4 md:p-5"
    >
      <h2 className="flex items-center gap-2 font-bold text-lg">
        <Icon name="video" className="size-6 text-warn" />
        {t.studio.unsentTitle}
      </h2>
      <ul className="grid gap-3">
        {takes.map((take) => (
          <li key={take.id}>
            <UnsentTake take={take} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function UnsentTake({ take }: { take: SpooledTake }) {
  const { t, format } = useLanguage();
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const length = take.durationS > 0 ? format.length(take.durationS) : t.studio.unsentUnknown;
  const drop = async () => {
    setAsking(false);
    await discardOrphan(take);
    await client.invalidateQueries({ queryKey: takesQuery(take.accountId).queryKey });
  };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="min-w-0 flex-1 basis-24">
        {take.title && <strong className="me-2 font-semibold">{take.title}</strong>}
        {t.studio.unsent(length, format.ago(new Date(take.startedMs).toISOString()))}
      </p>
      <Link to="/record" search={{ take: take.id }} className={buttonLook("primary")}>
        {t.studio.unsentGo}
      </Link>
      <Button look="quiet" icon="trash" onClick={() => setAsking(true)}>
        <span className="max-sm:sr-only">{t.common.delete}</span>
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.studio.discardTitle}
        text={t.studio.discardText}
        confirm={t.common.delete}
        onConfirm={() => void drop()}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
