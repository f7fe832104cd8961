import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useLanguage } from "../../i18n";
import { statusQuery } from "../../lib/queries";
import { LoadProblem, Notice } from "../../ui/Notice";
import { Card, Page, Skeleton } from "../../ui/Page";
import { PowerCard } from "./PowerCard";
import { readLacking } from "./status";

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
  const lacking = readLacking(status.sandbox);
  const languages = status.languages.map((language) => language.code);
  return (
    <div className="grid gap-5">
      {speech.ready ? (
        <Notice tone="good" title={t.system.engineReady(speech.engine ?? "")} />
      ) : (
        <Notice tone="warn" title={t.system.engineDown}>
          {t.system.engineDownFix}
        </Notice>
      )}
      {speech.warnings.length > 0 && (
        <Notice tone="warn" title={t.system.warning}>
          {speech.warnings.map((warning) => (
            <p key={warning} lang="en">
              {warning}
            </p>
          ))}
        </Notice>
      )}
      <PowerCard />
      {speech.engines.length > 0 && (
        <Card>
          <h2 className="mb-3 font-bold text-lg">{t.system.engines}</h2>
          <ul className="grid gap-4">
            {speech.engines.map((engine) => (
              <EngineLine
                key={engine.name}
                name={engine.name}
                note={t.system.engineNotes[engine.name]}
                isReady={engine.ready}
                device={engine.device}
                reason={engine.reason}
              />
            ))}
            <EngineLine
              name={t.system.naturalBase}
              note={speech.neural_base.ready ? t.system.naturalReady : t.system.naturalLacking}
              isReady={speech.neural_base.ready}
              reason={speech.neural_base.reason}
            />
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

interface EngineLineProps {
  name: string;
  note: string | undefined;
  isReady: boolean;
  device?: string | null | undefined;
  reason?: string | null | undefined;
}

function EngineLine({ name, note, isReady, device, reason }: EngineLineProps) {
  const { t } = useLanguage();
  return (
    <li className="flex gap-3">
      <span className={`mt-2 size-2.5 shrink-0 rounded-full ${isReady ? "bg-good" : "bg-edge"}`} />
      <div>
        <p className="font-semibold">
          {name}{" "}
          <span className="font-normal text-quiet text-sm">
            {isReady ? t.system.ready : t.system.missing}
            {device && ` · ${device}`}
          </span>
        </p>
        <p className="text-quiet text-sm">{note}</p>
        {reason && (
          <details className="text-quiet text-sm">
            <summary>{t.system.reason}</summary>
            <p lang="en">{reason}</p>
          </details>
        )}
      </div>
    </li>
  );
}
