/** Making a key: its name, and what it may do. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type MadeApiKey, type Scope } from "../../lib/api";
import { asProblem, sortByField } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { WordsNotice } from "../../ui/Notice";
import { Card } from "../../ui/Page";
import { apiKeysQuery } from "./queries";
import { DEFAULT_SCOPES, ScopesField } from "./ScopesField";

export function NewKey({ onMade }: { onMade: (made: MadeApiKey) => void }) {
  const { t } = useLanguage();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(DEFAULT_SCOPES);
  const [isMissing, setMissing] = useState(false);
  const queryClient = useQueryClient();
  const make = useMutation({
    mutationFn: () =>
      bodyOf(api.POST("/api/v1/api-keys", { body: { name: name.trim(), scopes: [...scopes] } })),
    async onSuccess(made) {
      onMade(made);
      await queryClient.invalidateQueries(apiKeysQuery);
    },
  });
  const told = sortByField(t, make.isError ? asProblem(make.error) : null, {
    name: "name" as const,
    scopes: "scopes" as const,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isWhole = name.trim() !== "" && scopes.length > 0;
    setMissing(!isWhole);
    if (isWhole && !make.isPending) make.mutate();
  };
  const missing = isMissing && !name.trim() ? { what: t.common.requiredMissing, fix: "" } : null;
  const nothing =
    isMissing && scopes.length === 0
      ? { what: t.apiKeys.nothing, fix: t.apiKeys.nothingFix }
      : null;
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
        <ScopesField value={scopes} onValue={setScopes} problem={nothing ?? told.fields.scopes} />
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
