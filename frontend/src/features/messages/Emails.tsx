/** A message by mail: to whom, with which words, and what became of each. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLanguage } from "../../i18n";
import type { Catalogue } from "../../i18n/en";
import type { Formats } from "../../i18n/formats";
import { api, bodyOf, type Email, type Message, type ShareChanges } from "../../lib/api";
import { asProblem, type Problem, problemWords, type Words, wordsFor } from "../../lib/problems";
import { meQuery, statusQuery } from "../../lib/queries";
import { Button } from "../../ui/Button";
import { controlLook, Field, TextField } from "../../ui/Field";
import { Icon } from "../../ui/Icon";
import { WordsNotice } from "../../ui/Notice";
import { useToast } from "../../ui/Toasts";
import { RuleFields } from "./LinkRules";
import { askAboutLinks, emailsQuery } from "./queries";
import { entryOf, MAX_RECIPIENTS, parseRecipients, type Recipient } from "./recipients";
import { changesOf, NEW_LINK, RULE_FIELDS, type RuleField, type Rules, rulesOf } from "./rules";

export function Emails({ message }: { message: Message }) {
  const { t } = useLanguage();
  const status = useQuery(statusQuery).data;
  if (!status) return null;
  return (
    <section className="grid gap-3 border-line border-t pt-4">
      <h3 className="font-semibold">{t.emails.title}</h3>
      {status.sends_mail ? (
        <>
          <NewEmails message={message} />
          <SentEmails message={message} />
        </>
      ) : (
        <p className="text-quiet text-sm">{t.emails.off}</p>
      )}
    </section>
  );
}

// --- writing ---------------------------------------------------------------------------------

function NewEmails({ message }: { message: Message }) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-9 font-semibold text-mark">{t.emails.write}</summary>
      {isOpen && <EmailForm message={message} onDone={() => setOpen(false)} />}
    </details>
  );
}

function useSend(message: Message, onDone: () => void) {
  const { t, format } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (body: {
      recipients: Recipient[];
      subject: string;
      note: string;
      language: "en" | "ja";
      rules: ShareChanges;
    }) =>
      bodyOf(
        api.POST("/api/v1/messages/{message_id}/emails", {
          params: { path: { message_id: message.id } },
          body,
        }),
      ),
    async onSuccess(made) {
      toast(t.emails.underway(format.integer(made.items.length)));
      await askAboutLinks(client, message.id);
      onDone();
    },
  });
}

function EmailForm({ message, onDone }: { message: Message; onDone: () => void }) {
  const { t, locale } = useLanguage();
  const sender = useQuery(meQuery).data?.name ?? "";
  const [typed, setTyped] = useState("");
  const [changed, setChanged] = useState<string | null>(null);
  const subject = changed ?? (sender && t.emails.subjectOf(sender));
  const [note, setNote] = useState("");
  const [rules, setRules] = useState<Rules>(() => rulesOf(NEW_LINK));
  const [early, setEarly] = useState<Words | null>(null);
  const send = useSend(message, onDone);
  const recipients = parseRecipients(typed);
  const { of, ofRules, rest } = sorted(t, send.error ? asProblem(send.error) : null, recipients);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wrong = countProblem(t, recipients.length);
    setEarly(wrong);
    if (wrong || send.isPending) return;
    const linkRules = changesOf(NEW_LINK, rules, Date.now());
    send.mutate({ recipients, subject, note, language: locale, rules: linkRules });
  };
  return (
    <form onSubmit={submit} className="mt-2 grid gap-4" noValidate>
      <Field label={t.emails.to} hint={t.emails.toHint} problem={early ?? of.recipients}>
        {(control) => (
          <textarea
            {...control}
            value={typed}
            rows={3}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            placeholder={t.emails.toExample}
            className={controlLook}
          />
        )}
      </Field>
      <TextField
        label={t.emails.subject}
        value={subject}
        onValue={setChanged}
        problem={of.subject}
        maxLength={200}
      />
      <Field label={t.emails.note} problem={of.note} isOptional>
        {(control) => (
          <textarea
            {...control}
            value={note}
            rows={3}
            maxLength={2000}
            onChange={(event) => setNote(event.target.value)}
            className={controlLook}
          />
        )}
      </Field>
      <Rulings
        rules={rules}
        fields={ofRules}
        onChange={(changes) => setRules((held) => ({ ...held, ...changes }))}
      />
      <WordsNotice words={rest} />
      <Button type="submit" look="primary" icon="share" busy={send.isPending}>
        {t.emails.send}
      </Button>
      <p className="text-quiet text-sm">{t.emails.ownLinks}</p>
    </form>
  );
}

interface RulingsProps {
  rules: Rules;
  fields: Partial<Record<RuleField, Words>>;
  onChange: (changes: Partial<Rules>) => void;
}

/** What holds for each of the links; refused ones are never hidden. */
function Rulings({ rules, fields, onChange }: RulingsProps) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const isRefused = Object.keys(fields).length > 0;
  return (
    <details
      open={isOpen || isRefused}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="rounded-xl border border-line px-3 py-1.5"
    >
      <summary className="min-h-9 text-sm leading-8">
        <span className="font-semibold">{t.emails.rules}</span>
      </summary>
      <div className="grid gap-5 pt-2 pb-3">
        <RuleFields share={NEW_LINK} rules={rules} set={onChange} fields={fields} />
      </div>
    </details>
  );
}

function countProblem(t: Catalogue, count: number): Words | null {
  if (count === 0) return { what: t.common.requiredMissing, fix: "" };
  return count > MAX_RECIPIENTS ? t.emails.tooMany : null;
}

type FormField = "recipients" | "subject" | "note";
const isFormField = (name: string): name is FormField =>
  name === "recipients" || name === "subject" || name === "note";

/** A problem's errors by field; one about an address says which. */
function sorted(t: Catalogue, problem: Problem | null, recipients: readonly Recipient[]) {
  const of: Partial<Record<FormField, Words>> = {};
  const ofRules: Partial<Record<RuleField, Words>> = {};
  const rulesByName: Partial<Record<string, RuleField>> = RULE_FIELDS;
  let rest: Words | null = problem && problem.errors.length === 0 ? problemWords(t, problem) : null;
  for (const error of problem?.errors ?? []) {
    const words = wordsFor(t, error.code, error);
    const entry = entryOf(error.field, recipients);
    const field = error.field.split(".")[0] ?? "";
    const told = entry ? { ...words, what: t.emails.about(entry, words.what) } : words;
    const rule = rulesByName[error.field.replace(/^rules\./, "")];
    if (rule) ofRules[rule] ??= words;
    else if (isFormField(field)) of[field] ??= told;
    else rest ??= told;
  }
  return { of, ofRules, rest };
}

// --- what became of them ---------------------------------------------------------------------

function SentEmails({ message }: { message: Message }) {
  const { t } = useLanguage();
  const emails = useQuery(emailsQuery(message.id)).data?.items ?? [];
  if (emails.length === 0) return null;
  return (
    <ul aria-label={t.emails.list} className="grid gap-2">
      {emails.map((email) => (
        <li key={email.id} className="grid gap-1 rounded-xl border border-line p-3">
          <EmailLine email={email} messageId={message.id} />
        </li>
      ))}
    </ul>
  );
}

const isLost = (email: Email): boolean => email.state === "failed" || email.state === "bounced";

function EmailLine({ email, messageId }: { email: Email; messageId: string }) {
  const { t, format } = useLanguage();
  const reason = email.problem && reasonOf(t, email.problem);
  return (
    <>
      <p className="font-semibold">
        {email.name ?? email.email}
        {email.name && <span className="block font-normal text-quiet text-sm">{email.email}</span>}
      </p>
      <p className={`text-sm ${isLost(email) ? "text-bad" : "text-quiet"}`}>
        <span className="inline-flex items-center gap-1.5">
          {isLost(email) && <Icon name="alert" className="size-4" />}
          {stateOf(t, format, email)}
        </span>
      </p>
      {reason && <p className="text-sm">{reason}</p>}
      {isLost(email) && <Retry email={email} messageId={messageId} />}
    </>
  );
}

function stateOf(t: Catalogue, format: Formats, email: Email): string {
  if (email.state === "failed") return t.emails.failed;
  if (email.state === "bounced") return t.emails.bounced;
  if (email.state === "queued") {
    if (email.waits_for_video) return t.emails.waits;
    return email.next_try_at ? t.emails.again(format.moment(email.next_try_at)) : t.emails.queued;
  }
  const reached = email.stats.quarters.filter((count) => count > 0).length;
  if (reached > 0) return t.emails.watched(t.common.percent(String(reached * 25)));
  if (email.stats.viewers > 0) return t.emails.started;
  return email.stats.opened > 0 ? t.emails.opened : t.emails.sent;
}

function reasonOf(t: Catalogue, problem: NonNullable<Email["problem"]>): string {
  const words = t.emails.reasons[problem.code];
  return problem.server_code ? t.emails.withCode(words, String(problem.server_code)) : words;
}

function Retry({ email, messageId }: { email: Email; messageId: string }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  const retry = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/emails/{email_id}/retry", { params: { path: { email_id: email.id } } }),
      ),
    onSuccess: () => client.invalidateQueries(emailsQuery(messageId)),
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <Button busy={retry.isPending} onClick={() => retry.mutate()} className="justify-self-start">
      {t.common.tryAgain}
      <span className="sr-only">: {email.name ?? email.email}</span>
    </Button>
  );
}
