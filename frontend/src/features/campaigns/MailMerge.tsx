/** A mail to everybody whose video is ready, and what kept it from some. */

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { components } from "../../api/schema";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Campaign } from "../../lib/api";
import { countsOf } from "../../lib/campaigns";
import { asProblem, problemWords, sortByField } from "../../lib/problems";
import { meQuery, statusQuery } from "../../lib/queries";
import { Button } from "../../ui/Button";
import { controlLook, Field, TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { Notice, WordsNotice } from "../../ui/Notice";
import { useToast } from "../../ui/Toasts";
import { rowsKey, suppressionsQuery } from "./queries";

type Sent = components["schemas"]["MailMergeBody"];
const FIELDS = { subject: "subject", note: "note", per_minute: "per_minute" } as const;
const WHY = ["queued", "had_one", "suppressed", "not_ready", "no_address", "no_value"] as const;

export function MailMerge({ campaign }: { campaign: Campaign }) {
  const { t } = useLanguage();
  const status = useQuery(statusQuery).data;
  if (!status) return null;
  if (!status.sends_mail) return <p className="text-quiet text-sm">{t.campaigns.mail.off}</p>;
  if (!campaign.mapping.email) {
    return <p className="text-quiet text-sm">{t.campaigns.mail.noColumn}</p>;
  }
  return (
    <section className="grid gap-4 border-line border-t pt-4">
      <h2 className="font-bold text-lg">{t.campaigns.mail.title}</h2>
      <MailForm campaign={campaign} />
      <Unwanted />
    </section>
  );
}

function MailForm({ campaign }: { campaign: Campaign }) {
  const { t, locale, format } = useLanguage();
  const client = useQueryClient();
  const me = useQuery(meQuery).data;
  const [subject, setSubject] = useState<string | null>(null);
  const [note, setNote] = useState("");
  const [rate, setRate] = useState("30");
  const shownSubject = subject ?? (me ? t.emails.subjectOf(me.name) : "");
  const send = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/campaigns/{campaign_id}/send", {
          params: { path: { campaign_id: campaign.id } },
          body: {
            subject: shownSubject.trim() || null,
            note: note.trim(),
            language: locale,
            per_minute: Number(rate) || 30,
          },
        }),
      ),
    onSuccess: () => client.invalidateQueries({ queryKey: rowsKey(campaign.id) }),
  });
  const told = sortByField(t, send.isError ? asProblem(send.error) : null, FIELDS);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!send.isPending) send.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <WordsNotice words={told.rest} />
      <TextField
        label={t.campaigns.mail.subject}
        maxLength={200}
        value={shownSubject}
        onValue={setSubject}
        problem={told.fields.subject}
      />
      <Field
        label={t.campaigns.mail.note}
        hint={t.campaigns.mail.noteHint}
        isOptional
        problem={told.fields.note}
      >
        {(control) => (
          <textarea
            {...control}
            rows={3}
            maxLength={2000}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            className={`${controlLook} resize-y`}
          />
        )}
      </Field>
      <div className="max-w-48">
        <TextField
          label={t.campaigns.mail.rate}
          type="number"
          min={1}
          max={600}
          inputMode="numeric"
          value={rate}
          onValue={setRate}
          problem={told.fields.per_minute}
        />
      </div>
      <Button
        type="submit"
        look="primary"
        icon="share"
        busy={send.isPending}
        className="justify-self-start"
      >
        {send.isSuccess
          ? t.campaigns.mail.sendAgain
          : t.campaigns.mail.send(format.integer(countsOf(campaign).ready))}
      </Button>
      {send.data && <Result sent={send.data} />}
    </form>
  );
}

function Result({ sent }: { sent: Sent }) {
  const { t, format } = useLanguage();
  const told = WHY.filter((why) => why === "queued" || (sent[why] ?? 0) > 0);
  return (
    <div role="status">
      <Notice tone="good">
        <ul>
          {told.map((why) => (
            <li key={why}>{t.campaigns.mail.done[why](format.integer(sent[why] ?? 0))}</li>
          ))}
        </ul>
      </Notice>
    </div>
  );
}

// --- addresses that want no mail -------------------------------------------------------------

function Unwanted() {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-11 py-2 font-semibold text-mark">
        {t.campaigns.mail.unwanted}
      </summary>
      {isOpen && <UnwantedList />}
    </details>
  );
}

function UnwantedList() {
  const { t } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  const [address, setAddress] = useState("");
  const list = useInfiniteQuery(suppressionsQuery);
  const settle = async (words: string) => {
    toast(words);
    await client.invalidateQueries({ queryKey: suppressionsQuery.queryKey });
  };
  const add = useMutation({
    mutationFn: () =>
      bodyOf(api.POST("/api/v1/suppressions", { body: { address: address.trim() } })),
    onSuccess() {
      setAddress("");
      return settle(t.campaigns.mail.added);
    },
  });
  const remove = useMutation({
    mutationFn: (suppression_id: string) =>
      api.DELETE("/api/v1/suppressions/{suppression_id}", {
        params: { path: { suppression_id } },
      }),
    onSuccess: () => settle(t.campaigns.mail.removed),
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  const told = sortByField(t, add.isError ? asProblem(add.error) : null, { address: "address" });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (address.trim() && !add.isPending) add.mutate();
  };
  return (
    <div className="mt-2 grid gap-3">
      <p className="text-quiet text-sm">{t.campaigns.mail.unwantedText}</p>
      <WordsNotice words={told.rest} />
      <form onSubmit={submit} noValidate className="flex flex-wrap items-end gap-2">
        <div className="min-w-56 flex-1">
          <TextField
            label={t.campaigns.list.email}
            type="email"
            value={address}
            onValue={setAddress}
            problem={told.fields.address}
          />
        </div>
        <Button type="submit" busy={add.isPending}>
          {t.campaigns.mail.add}
        </Button>
      </form>
      {list.isSuccess && items.length === 0 && (
        <p className="text-quiet text-sm">{t.campaigns.mail.noneUnwanted}</p>
      )}
      <ul className="grid gap-1">
        {items.map((one) => (
          <li key={one.id} className="flex items-center justify-between gap-2">
            <span className="min-w-0 truncate">
              {one.address}{" "}
              <span className="text-quiet text-sm">
                {t.campaigns.mail.reasons[one.reason] ?? one.reason}
              </span>
            </span>
            <button
              type="button"
              aria-label={t.campaigns.mail.take(one.address)}
              onClick={() => remove.mutate(one.id)}
              className="grid size-11 shrink-0 place-items-center rounded-full text-mark hover:bg-tint"
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t.common.more}
        </Button>
      )}
    </div>
  );
}
