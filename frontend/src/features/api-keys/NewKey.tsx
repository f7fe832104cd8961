/** Making a key, and the one time it is shown. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type MadeApiKey } from "../../lib/api";
import { copyText } from "../../lib/clipboard";
import { asProblem, sortByField } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { Notice, WordsNotice } from "../../ui/Notice";
import { Card } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { curlExample, pythonExample } from "./examples";
import { apiKeysQuery } from "./queries";

export function NewKey() {
  const { t } = useLanguage();
  const [name, setName] = useState("");
  const [isMissing, setMissing] = useState(false);
  const queryClient = useQueryClient();
  const make = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/api-keys", { body: { name: name.trim() } })),
    async onSuccess() {
      setName("");
      await queryClient.invalidateQueries(apiKeysQuery);
    },
  });
  const told = sortByField(t, make.isError ? asProblem(make.error) : null, {
    name: "name" as const,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(!name.trim());
    if (name.trim() && !make.isPending) make.mutate();
  };
  const missing = isMissing && !name.trim() ? { what: t.common.requiredMissing, fix: "" } : null;
  if (make.data) return <MadeKey made={make.data} onDone={() => make.reset()} />;
  return (
    <Card>
      <h2 className="mb-4 font-bold text-lg">{t.apiKeys.makeTitle}</h2>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <WordsNotice words={told.rest} />
        <TextField
          label={t.apiKeys.name}
          hint={t.apiKeys.nameHint}
          autoComplete="off"
          maxLength={100}
          value={name}
          onValue={setName}
          problem={missing ?? told.fields.name}
        />
        <Button
          type="submit"
          look="primary"
          icon="plus"
          busy={make.isPending}
          className="justify-self-start"
        >
          {t.apiKeys.make}
        </Button>
      </form>
    </Card>
  );
}

function MadeKey({ made, onDone }: { made: MadeApiKey; onDone: () => void }) {
  const { t, locale } = useLanguage();
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone: what came of it is read out instead.
  useEffect(() => heading.current?.focus(), []);
  const address = location.origin;
  return (
    <Card className="grid gap-5">
      <h2 ref={heading} tabIndex={-1} className="font-bold text-lg">
        {t.apiKeys.madeTitle(made.name)}
      </h2>
      <Notice tone="warn" title={t.apiKeys.once}>
        {t.apiKeys.onceText}
      </Notice>
      <Copyable label={t.apiKeys.key} text={made.key} />
      <h3 className="font-semibold">{t.apiKeys.tryIt}</h3>
      <Copyable label="curl" text={curlExample(locale, address, made.key)} />
      <Copyable label="Python" text={pythonExample(locale, address, made.key)} />
      <p className="text-quiet text-sm">
        {t.apiKeys.voices}{" "}
        <a href="/docs" className="font-semibold text-mark underline">
          {t.apiKeys.docs}
        </a>
      </p>
      <Button className="justify-self-start" onClick={onDone}>
        {t.apiKeys.done}
      </Button>
    </Card>
  );
}

function Copyable({ label, text }: { label: string; text: string }) {
  const { t } = useLanguage();
  const toast = useToast();
  const copy = async () => {
    try {
      await copyText(text);
      toast(t.common.copied);
    } catch {
      toast(t.apiKeys.copyByHand, "bad"); // no clipboard here: it stands there to be marked
    }
  };
  return (
    <figure className="grid gap-1.5">
      <figcaption className="flex items-center justify-between gap-3 font-semibold text-sm">
        {label}
        <Button
          look="quiet"
          icon="copy"
          aria-label={t.apiKeys.copy(label)}
          onClick={() => void copy()}
        >
          {t.apiKeys.copyShort}
        </Button>
      </figcaption>
      <pre className="select-all whitespace-pre-wrap break-all rounded-xl bg-sunk p-4 text-sm">
        <code translate="no">{text}</code>
      </pre>
    </figure>
  );
}
