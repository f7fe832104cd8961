import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useLanguage } from "../../i18n";
import type { MessageSummary } from "../../lib/api";
import { plainScript } from "../../lib/markup";
import { statusQuery } from "../../lib/queries";
import { Button, buttonLook } from "../../ui/Button";
import { Icon, type IconName } from "../../ui/Icon";
import { LoadProblem, Notice } from "../../ui/Notice";
import { Page, Skeleton } from "../../ui/Page";
import { UnsentTakes } from "../../ui/UnsentTakes";
import { isInWork, messagesQuery } from "./queries";
import { StateMark } from "./StateMark";

export function HomePage() {
  const { t } = useLanguage();
  const messages = useInfiniteQuery(messagesQuery);
  const status = useQuery(statusQuery);
  const items = messages.data?.pages.flatMap((page) => page.items) ?? [];
  const isEmpty = messages.isSuccess && items.length === 0;
  return (
    <Page
      title={t.messages.title}
      width="wide"
      actions={
        !isEmpty && (
          <div className="flex flex-wrap gap-2 lg:hidden">
            <Link to="/record" className={buttonLook("primary", "md:hidden")}>
              <Icon name="video" />
              {t.nav.record}
            </Link>
            <Link to="/messages/$id" params={{ id: "new" }} className={buttonLook("plain")}>
              <Icon name="photo" />
              {t.nav.write}
            </Link>
          </div>
        )
      }
    >
      <UnsentTakes />
      {status.data && !status.data.speech.ready && (
        <div className="mb-6">
          <Notice tone="warn">{t.messages.speechDown}</Notice>
        </div>
      )}
      {messages.isPending && <Skeleton rows={3} className="h-40" />}
      {messages.isError && items.length === 0 && (
        <LoadProblem error={messages.error} onRetry={() => void messages.refetch()} />
      )}
      {isEmpty && <FirstMessage />}
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {items.map((message) => (
          <li key={message.id}>
            <MessageCard message={message} />
          </li>
        ))}
      </ul>
      {messages.hasNextPage && (
        <div className="mt-8 text-center">
          <Button busy={messages.isFetchingNextPage} onClick={() => void messages.fetchNextPage()}>
            {t.common.more}
          </Button>
        </div>
      )}
    </Page>
  );
}

function FirstMessage() {
  const { t } = useLanguage();
  const steps: [IconName, string][] = [
    ["video", t.messages.stepRecord],
    ["cut", t.messages.stepTrim],
    ["share", t.messages.stepSend],
  ];
  return (
    <div className="mx-auto flex max-w-2xl flex-col items-center gap-6 rounded-3xl bg-glow px-6 py-12 text-center md:py-16">
      <ol className="flex w-full max-w-md items-start justify-between gap-3">
        {steps.map(([icon, words], place) => (
          <li key={icon} className="flex flex-1 flex-col items-center gap-2 text-sm">
            <span className="grid size-14 place-items-center rounded-full bg-card text-mark shadow-card">
              <Icon name={icon} className="size-7" />
            </span>
            <span className="text-quiet">
              {place + 1}. {words}
            </span>
          </li>
        ))}
      </ol>
      <h2 className="font-bold text-2xl">{t.messages.emptyTitle}</h2>
      <p className="max-w-md text-quiet">{t.messages.emptyText}</p>
      <div className="flex flex-wrap justify-center gap-3">
        <Link to="/record" className={buttonLook("primary", "min-h-12 px-6")}>
          <Icon name="video" />
          {t.nav.record}
        </Link>
        <Link
          to="/messages/$id"
          params={{ id: "new" }}
          className={buttonLook("plain", "min-h-12 px-6")}
        >
          <Icon name="photo" />
          {t.messages.emptyStart}
        </Link>
      </div>
      <Link to="/voices/new" className="font-semibold text-mark underline underline-offset-4">
        {t.messages.emptyVoice}
      </Link>
    </div>
  );
}

const uploadContent = (id: string): string => `/api/v1/uploads/${id}/content`;

function MessageCard({ message }: { message: MessageSummary }) {
  const { t, format } = useLanguage();
  const title = message.title || firstWords(message.opening) || t.common.untitled;
  const picture =
    message.poster_url ?? (message.photo_upload_id ? uploadContent(message.photo_upload_id) : null);
  return (
    <Link
      to="/messages/$id"
      params={{ id: message.id }}
      className="group block overflow-hidden rounded-2xl border border-line bg-card shadow-card"
    >
      <div className="relative aspect-video overflow-hidden bg-sunk">
        {picture ? (
          <img
            src={picture}
            alt=""
            loading="lazy"
            className="size-full object-cover object-[50%_35%] transition-transform duration-300 group-hover:scale-[1.03]"
          />
        ) : (
          <span className="grid size-full place-items-center text-edge">
            <Icon name={message.kind === "recording" ? "video" : "photo"} className="size-12" />
          </span>
        )}
        {message.state === "ready" && message.duration_s !== null && (
          <span className="absolute end-2 bottom-2 rounded-md bg-black/75 px-1.5 py-0.5 font-medium text-sm text-white">
            {format.clock(message.duration_s)}
          </span>
        )}
        {isInWork(message) && (
          <span className="absolute inset-x-0 bottom-0 h-1.5 bg-black/40" aria-hidden="true">
            <span
              className="block h-full bg-mark transition-[width] duration-500"
              style={{ width: `${message.progress.percent}%` }}
            />
          </span>
        )}
      </div>
      <div className="p-4">
        <h2 className="line-clamp-2 font-semibold leading-snug" lang={message.language}>
          {title}
        </h2>
        <p className="mt-2 flex flex-wrap items-center justify-between gap-2 text-quiet text-sm">
          <StateMark message={message} />
          <span>
            {message.state === "ready"
              ? t.messages.created(format.ago(message.updated_at))
              : t.messages.edited(format.ago(message.updated_at))}
          </span>
        </p>
      </div>
    </Link>
  );
}

const firstWords = (script: string): string =>
  [...plainScript(script).text.trim()].slice(0, 60).join("");
