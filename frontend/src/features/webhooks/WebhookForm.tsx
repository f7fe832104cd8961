/** Where events are sent, and which: the fields of a new webhook and of one that is changed. */

import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useLanguage } from "../../i18n";
import type { WebhookEvent } from "../../lib/api";
import { asProblem, sortByField, type Words } from "../../lib/problems";
import { FieldProblem, TextField } from "../../ui/Field";
import { WordsNotice } from "../../ui/Notice";

export interface Wish {
  url: string;
  name: string;
  events: WebhookEvent[];
}

interface WebhookFormProps {
  /** What stands there at first. */
  was?: Wish;
  error: unknown;
  onSubmit: (wish: Wish) => void;
  children: ReactNode;
}

export function WebhookForm({ was, error, onSubmit, children }: WebhookFormProps) {
  const { t } = useLanguage();
  const all = Object.keys(t.webhooks.kinds) as WebhookEvent[];
  const [url, setUrl] = useState(was?.url ?? "");
  const [name, setName] = useState(was?.name ?? "");
  const [events, setEvents] = useState<readonly WebhookEvent[]>(was?.events ?? all);
  const [isMissing, setMissing] = useState(false);
  const told = sortByField(t, error ? asProblem(error) : null, {
    url: "url" as const,
    name: "name" as const,
    events: "events" as const,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isWhole = url.trim() !== "" && events.length > 0;
    setMissing(!isWhole);
    if (isWhole) onSubmit({ url: url.trim(), name: name.trim(), events: [...events] });
  };
  const missing = isMissing && !url.trim() ? { what: t.common.requiredMissing, fix: "" } : null;
  const nothing =
    isMissing && events.length === 0
      ? { what: t.webhooks.nothing, fix: t.webhooks.nothingFix }
      : null;
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <WordsNotice words={told.rest} />
      <TextField
        label={t.webhooks.url}
        hint={t.webhooks.urlHint}
        type="url"
        inputMode="url"
        autoComplete="off"
        placeholder="https://"
        maxLength={2000}
        value={url}
        onValue={setUrl}
        problem={missing ?? told.fields.url}
      />
      <TextField
        label={t.webhooks.name}
        isOptional
        autoComplete="off"
        maxLength={100}
        value={name}
        onValue={setName}
        problem={told.fields.name}
      />
      <EventsField
        all={all}
        value={events}
        onValue={setEvents}
        problem={nothing ?? told.fields.events}
      />
      {children}
    </form>
  );
}

interface EventsFieldProps {
  all: readonly WebhookEvent[];
  value: readonly WebhookEvent[];
  problem: Words | null | undefined;
  onValue: (events: WebhookEvent[]) => void;
}

function EventsField({ all, value, problem, onValue }: EventsFieldProps) {
  const { t } = useLanguage();
  const problemId = useId();
  const toggle = (kind: WebhookEvent) =>
    onValue(all.filter((each) => value.includes(each) !== (each === kind)));
  const told =
    value.length === all.length
      ? t.webhooks.allEvents
      : t.apiKeys.mayOf(value.map((kind) => t.webhooks.kinds[kind]));
  return (
    <div>
      <details className="rounded-2xl border border-line">
        <summary className="min-h-11 rounded-2xl px-4 py-2.5">
          <span className="font-semibold">{t.webhooks.events}</span>{" "}
          <span className="text-quiet">{value.length > 0 && told}</span>
        </summary>
        <fieldset className="px-4 pb-3" aria-describedby={problemId}>
          <legend className="sr-only">{t.webhooks.events}</legend>
          {all.map((kind) => (
            <label key={kind} className="flex min-h-11 items-center gap-3">
              <input
                type="checkbox"
                checked={value.includes(kind)}
                onChange={() => toggle(kind)}
                className="size-5 shrink-0 accent-mark"
              />
              <span className="flex flex-1 flex-wrap justify-between gap-x-3 py-1">
                {t.webhooks.kinds[kind]}{" "}
                <code translate="no" className="text-quiet text-sm">
                  {kind}
                </code>
              </span>
            </label>
          ))}
        </fieldset>
      </details>
      <FieldProblem id={problemId} problem={problem} />
    </div>
  );
}
