/** Keys for programs: made, shown once, listed, replaced, revoked. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useLanguage } from "../../i18n";
import { type ApiKey, api, type MadeApiKey } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { Icon } from "../../ui/Icon";
import { LoadProblem } from "../../ui/Notice";
import { Card, Page, Skeleton } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { MadeKey } from "./MadeKey";
import { NewKey } from "./NewKey";
import { apiKeysQuery } from "./queries";
import { RotateKey } from "./RotateKey";

export function ApiKeysPage() {
  const { t } = useLanguage();
  const [made, setMade] = useState<MadeApiKey | null>(null);
  return (
    <Page title={t.apiKeys.title} lead={t.apiKeys.lead} width="narrow">
      <div className="grid gap-5">
        {made ? (
          <MadeKey key={made.id} made={made} onDone={() => setMade(null)} />
        ) : (
          <NewKey onMade={setMade} />
        )}
        <Card>
          <h2 className="mb-4 font-bold text-lg">{t.apiKeys.list}</h2>
          <Keys onMade={setMade} />
        </Card>
        <Link
          to="/account"
          className="inline-flex min-h-11 items-center gap-2 font-semibold text-mark"
        >
          <Icon name="back" />
          {t.account.title}
        </Link>
      </div>
    </Page>
  );
}

function Keys({ onMade }: { onMade: (made: MadeApiKey) => void }) {
  const { t } = useLanguage();
  const keys = useQuery(apiKeysQuery);
  if (keys.isPending) return <Skeleton rows={1} className="h-14" />;
  if (keys.isError) {
    return <LoadProblem error={keys.error} onRetry={() => void keys.refetch()} />;
  }
  if (keys.data.items.length === 0) return <p className="text-quiet">{t.apiKeys.none}</p>;
  return (
    <ul className="grid gap-3">
      {keys.data.items.map((key) => (
        <KeyLine key={key.id} apiKey={key} onMade={onMade} />
      ))}
    </ul>
  );
}

interface KeyLineProps {
  apiKey: ApiKey;
  onMade: (made: MadeApiKey) => void;
}

function KeyLine({ apiKey, onMade }: KeyLineProps) {
  const { t, format } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const toast = useToast();
  const revoke = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id: apiKey.id } } }),
    async onSuccess() {
      setAsking(false);
      toast(t.apiKeys.revoked);
      await queryClient.invalidateQueries(apiKeysQuery);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl bg-sunk p-3 ps-4">
      <div className="min-w-40 flex-1">
        <p className="break-words font-semibold">{apiKey.name}</p>
        <p className="text-quiet text-sm">
          <code translate="no">{apiKey.hint}…</code>
          {" · "}
          {t.apiKeys.made(format.day(apiKey.created_at))}
          {" · "}
          {apiKey.last_used_at
            ? t.apiKeys.lastUsed(format.ago(apiKey.last_used_at))
            : t.apiKeys.neverUsed}
        </p>
        <p className="text-quiet text-sm">
          {t.apiKeys.may} {t.apiKeys.mayOf(apiKey.scopes.map((scope) => t.apiKeys.scopes[scope]))}
        </p>
        {apiKey.expires_at && (
          <p className="font-semibold text-sm">
            {t.apiKeys.ends(format.moment(apiKey.expires_at))}
          </p>
        )}
      </div>
      <div className="ms-auto flex flex-wrap justify-end">
        {!apiKey.expires_at && <RotateKey apiKey={apiKey} onMade={onMade} />}
        <Button
          look="quiet"
          aria-label={t.apiKeys.revokeNamed(apiKey.name)}
          onClick={() => setAsking(true)}
        >
          {t.apiKeys.revoke}
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.apiKeys.revokeTitle(apiKey.name)}
        text={t.apiKeys.revokeText}
        confirm={t.apiKeys.revoke}
        busy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
        onClose={() => setAsking(false)}
      />
    </li>
  );
}
