/** The links to a message: one for everybody, or one for each person, each with rules of its own. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, type Message, type Share, type ShareChanges } from "../../lib/api";
import { copyText } from "../../lib/clipboard";
import { makeLink, sharesQuery } from "../../lib/links";
import { asProblem, Problem, problemWords, sortByField } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { WordsNotice } from "../../ui/Notice";
import { useToast } from "../../ui/Toasts";
import { LinkHours } from "./LinkHours";
import { LinkRules } from "./LinkRules";
import { askAboutLinks } from "./queries";

function useLinks(message: Message) {
  const client = useQueryClient();
  const query = sharesQuery(message.id);
  const shares = useQuery(query).data?.items.filter((share) => !share.revoked_at) ?? [];
  const refresh = () => askAboutLinks(client, message.id);
  const make = async (rules: ShareChanges = {}): Promise<Share> => {
    const share = await makeLink(message.id, rules);
    await client.cancelQueries({ queryKey: query.queryKey, exact: true });
    client.setQueryData(query.queryKey, (known) => ({ items: [share, ...(known?.items ?? [])] }));
    void refresh();
    return share;
  };
  const firstOrNew = async () => {
    const { items } = await client.ensureQueryData(query);
    return items.find((share) => share.state === "open") ?? (await make());
  };
  return { shares, make, refresh, firstOrNew };
}

const fieldId = (share: Share): string => `link-${share.id}`;

/** Copies a link that may still have to be made; without a clipboard it is marked in its field. */
function useCopy(find: () => Promise<Share>) {
  const { t } = useLanguage();
  const toast = useToast();
  const copy = useMutation({
    async mutationFn() {
      const found = find();
      try {
        await copyText(found.then((share) => share.url));
        return { isDone: true, share: await found };
      } catch (error) {
        if (error instanceof Problem) throw error;
        return { isDone: false, share: await found };
      }
    },
    onSuccess({ isDone, share }) {
      toast(isDone ? t.ready.linkCopied : t.ready.linkMarked);
      const mark = () => document.querySelector<HTMLInputElement>(`#${fieldId(share)}`)?.select();
      if (!isDone) requestAnimationFrame(mark);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return {
    copy: () => copy.mutate(),
    isBusy: copy.isPending,
    isCopied: copy.data?.isDone ?? false,
  };
}

export function Links({ message, isMain }: { message: Message; isMain: boolean }) {
  const { t } = useLanguage();
  const { shares, make, refresh, firstOrNew } = useLinks(message);
  const { copy, isBusy, isCopied } = useCopy(firstOrNew);
  const isOneLink = shares.length < 2;
  return (
    <div className="grid gap-3">
      {isOneLink && (
        <Button
          look={isMain ? "primary" : "plain"}
          icon={isCopied ? "check" : "link"}
          busy={isBusy}
          onClick={copy}
          className="min-h-12"
        >
          {isMain ? t.ready.copyLink : t.ready.loopbackCopy}
        </Button>
      )}
      {isMain && isOneLink && typeof navigator.share === "function" && (
        <ShareSheet message={message} find={firstOrNew} />
      )}
      {shares.length > 0 && (
        <ul className="grid gap-3">
          {shares.map((share) => (
            <li key={share.id}>
              <LinkCard share={share} isOnly={isOneLink} onChanged={refresh} />
            </li>
          ))}
        </ul>
      )}
      {isMain && <p className="text-quiet text-sm">{t.ready.linkWhere}</p>}
      <LinkHours />
      {shares.length > 0 && <AnotherLink make={make} />}
    </div>
  );
}

function ShareSheet({ message, find }: { message: Message; find: () => Promise<Share> }) {
  const { t } = useLanguage();
  const toast = useToast();
  const share = useMutation({
    async mutationFn() {
      const { url } = await find();
      // Closing the sheet is no failure.
      await navigator
        .share({ url, title: message.title || t.common.untitled })
        .catch(() => undefined);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <Button icon="share" busy={share.isPending} onClick={() => share.mutate()}>
      {t.ready.shareLink}
    </Button>
  );
}

interface LinkCardProps {
  share: Share;
  isOnly: boolean;
  onChanged: () => Promise<void>;
}

function LinkCard({ share, isOnly, onChanged }: LinkCardProps) {
  const { t } = useLanguage();
  const name = share.label ? t.links.forWhom(share.label) : t.ready.linkField;
  const { copy, isBusy, isCopied } = useCopy(async () => share);
  return (
    <div className="grid gap-2 rounded-xl border border-line p-3">
      {(share.label || share.state !== "open") && (
        <p className="flex flex-wrap items-baseline justify-between gap-x-3 font-semibold">
          <span>{share.label}</span>
          {share.state !== "open" && (
            <span className="text-sm text-warn">{t.links.states[share.state]}</span>
          )}
        </p>
      )}
      <div className="flex items-center gap-2">
        <input
          id={fieldId(share)}
          readOnly
          value={share.url}
          aria-label={name}
          onFocus={(event) => event.target.select()}
          className="w-full min-w-0 rounded-xl bg-sunk px-3 py-2.5 text-sm"
        />
        {!isOnly && (
          <button
            type="button"
            aria-label={t.links.copy(name)}
            aria-disabled={isBusy || undefined}
            onClick={copy}
            className="grid size-11 shrink-0 place-items-center rounded-xl text-mark hover:bg-tint"
          >
            <Icon name={isCopied ? "check" : "copy"} />
          </button>
        )}
      </div>
      <LinkRules share={share} name={name} onChanged={onChanged} />
      <QrCode share={share} name={name} />
      <Revoke share={share} onRevoked={onChanged} />
    </div>
  );
}

function QrCode({ share, name }: { share: Share; name: string }) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const picture = `/api/v1/shares/${share.id}/qr.svg`;
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-9 text-sm">
        <span className="font-semibold">{t.links.qr}</span>
        <span className="sr-only"> ({name})</span>
      </summary>
      {isOpen && (
        <div className="mt-2 grid justify-items-center gap-2">
          <img
            src={picture}
            alt={t.links.qrOf(name)}
            width={220}
            height={220}
            className="rounded-xl border border-line bg-white"
          />
          <a
            href={picture}
            download="video-message-qr.svg"
            className="inline-flex min-h-11 items-center gap-2 font-semibold text-mark hover:underline"
          >
            <Icon name="download" />
            {t.links.qrDownload}
          </a>
        </div>
      )}
    </details>
  );
}

function AnotherLink({ make }: { make: (rules: ShareChanges) => Promise<Share> }) {
  const { t } = useLanguage();
  const toast = useToast();
  const [label, setLabel] = useState("");
  const [isOpen, setOpen] = useState(false);
  const create = useMutation({
    mutationFn: () => make({ label }),
    onSuccess() {
      setLabel("");
      setOpen(false);
      toast(t.links.made);
    },
  });
  const problem = create.error ? asProblem(create.error) : null;
  const { fields, rest } = sortByField(t, problem, { label: "label" });
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!create.isPending) create.mutate();
  };
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-9 font-semibold text-mark">{t.links.another}</summary>
      {isOpen && (
        <form onSubmit={send} className="mt-2 grid gap-3">
          <TextField
            label={t.links.label}
            hint={t.links.anotherHint}
            value={label}
            onValue={setLabel}
            problem={fields.label}
            maxLength={100}
            isOptional
          />
          <WordsNotice words={rest} />
          <Button type="submit" icon="plus" busy={create.isPending}>
            {t.links.make}
          </Button>
        </form>
      )}
    </details>
  );
}

function Revoke({ share, onRevoked }: { share: Share; onRevoked: () => Promise<void> }) {
  const { t } = useLanguage();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const revoke = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/shares/{share_id}", { params: { path: { share_id: share.id } } }),
    async onSuccess() {
      setAsking(false);
      toast(t.ready.revoked);
      await onRevoked();
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <>
      <button
        type="button"
        onClick={() => setAsking(true)}
        className="min-h-9 justify-self-start text-quiet text-sm underline underline-offset-4 hover:text-ink"
      >
        {t.ready.revoke}
        {share.label && <span className="sr-only">: {share.label}</span>}
      </button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.ready.revokeTitle}
        text={t.ready.revokeText}
        confirm={t.ready.revoke}
        busy={revoke.isPending}
        onConfirm={() => revoke.mutate()}
        onClose={() => setAsking(false)}
      />
    </>
  );
}
