import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLanguage } from "../../i18n";
import { statusQuery } from "../../lib/queries";
import { LoadProblem, Notice } from "../../ui/Notice";
import { Card, Page, Skeleton } from "../../ui/Page";
import { type EngineFacts, readEngines, readLacking } from "./status";

export function SystemPage() {
  const { t } = useLanguage();
  const status = useQuery({ ...statusQuery, refetchInterval: 15_000 });
  return (
    <Page title={t.system.title} lead={t.system.honest} width="narrow">
      {status.isPending && <Skeleton />}
      {status.isError && <LoadProblem error={status.error} onRetry={() => void status.refetch()} />}
      {status.isSuccess && <Facts status={status.data} />}
    </Page>
  );
}

type Status = NonNullable<Awaited<ReturnType<NonNullable<typeof statusQuery.queryFn>>>>;

function Facts({ status }: { status: Status }) {
  const { t, format } = useLanguage();
  const { speech } = status;
  const engines = readEngines(speech.engines);
  const lacking = readLacking(status.sandbox);
  const languages = status.languages.map((language) => String(language.code));
  return (
    <div className="grid gap-5">
      {speech.ready ? (
        <Notice tone="good" title={t.system.engineReady(speech.engine ?? "")} />
      ) : (
        <Notice tone="warn" title={t.system.engineDown}>
          {t.system.engineDownFix}
        </Notice>
      )}
      {engines.length > 0 && (
        <Card>
          <h2 className="mb-3 font-bold text-lg">{t.system.engines}</h2>
          <ul className="grid gap-4">
            {engines.map((engine) => (
              <EngineLine key={engine.name} engine={engine} />
            ))}
          </ul>
        </Card>
      )}
      <Card>
        <dl className="grid gap-5">
          {languages.length > 0 && (
            <Fact name={t.system.languages}>
              {format.list(languages.map((code) => t.languages[code] ?? code))}
            </Fact>
          )}
          <Fact name={t.system.address}>
            {status.public_url}
            {status.is_loopback && (
              <span className="block text-quiet text-sm">{t.system.loopback}</span>
            )}
          </Fact>
          <Fact name={t.system.sandbox}>
            {lacking.length === 0 ? t.system.sandboxFull : t.system.sandboxPartial}
            {lacking.map((line) => (
              <span key={line} lang="en" className="block text-quiet text-sm">
                {line}
              </span>
            ))}
          </Fact>
          <Fact name={t.system.version}>{status.version}</Fact>
        </dl>
      </Card>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-quiet text-sm">{name}</dt>
      <dd className="font-medium">{children}</dd>
    </div>
  );
}

function EngineLine({ engine }: { engine: EngineFacts }) {
  const { t } = useLanguage();
  return (
    <li className="flex gap-3">
      <span
        className={`mt-2 size-2.5 shrink-0 rounded-full ${engine.isReady ? "bg-good" : "bg-edge"}`}
      />
      <div>
        <p className="font-semibold">
          {engine.name}{" "}
          <span className="font-normal text-quiet text-sm">
            {engine.isReady ? t.system.ready : t.system.missing}
            {engine.device && ` · ${engine.device}`}
          </span>
        </p>
        <p className="text-quiet text-sm">{t.system.engineNotes[engine.name]}</p>
        {engine.reason && (
          <p lang="en" className="text-quiet text-sm">
            {engine.reason}
          </p>
        )}
      </div>
    </li>
  );
}
