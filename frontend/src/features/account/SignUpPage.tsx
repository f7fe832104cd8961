import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf } from "../../lib/api";
import { asProblem, sortByField, type Words } from "../../lib/problems";
import { meQuery, signUpQuery } from "../../lib/queries";
import { Button } from "../../ui/Button";
import { PasswordField, TextField } from "../../ui/Field";
import { Notice, WordsNotice } from "../../ui/Notice";
import { Page } from "../../ui/Page";

type FieldName = "name" | "email" | "password" | "owner_token";
const FIELDS: Record<string, FieldName> = {
  name: "name",
  email: "email",
  password: "password",
  owner_token: "owner_token",
};

export function SignUpPage() {
  const { t, locale } = useLanguage();
  const { invitation } = useSearch({ from: "/welcome/signup" });
  const rules = useSuspenseQuery(signUpQuery).data;
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [typed, setTyped] = useState({ name: "", email: "", password: "", owner_token: "" });
  const [missing, setMissing] = useState<Partial<Record<FieldName, Words>>>({});

  const signUp = useMutation({
    mutationFn() {
      const { owner_token, ...rest } = typed;
      const body = {
        ...rest,
        language: locale,
        ...(invitation ? { invitation } : {}),
        ...(owner_token ? { owner_token } : {}),
      };
      return bodyOf(api.POST("/api/v1/accounts", { body }));
    },
    onSuccess(account) {
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, account);
      return navigate({ to: "/", replace: true });
    },
  });
  const told = sortByField(t, signUp.isError ? asProblem(signUp.error) : null, FIELDS);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const needed = { what: t.common.requiredMissing, fix: "" };
    const found: Partial<Record<FieldName, Words>> = {};
    for (const field of ["name", "email", "password"] as const) {
      if (!typed[field].trim()) found[field] = needed;
    }
    if (rules.needs_owner_token && !typed.owner_token.trim()) found.owner_token = needed;
    if (!found.password && typed.password.length < 10)
      found.password = t.problems.password_too_short;
    setMissing(found);
    if (Object.keys(found).length === 0 && !signUp.isPending) signUp.mutate();
  };
  const field = (name: FieldName) => ({
    value: typed[name],
    onValue: (value: string) => setTyped({ ...typed, [name]: value }),
    problem: missing[name] ?? told.fields[name],
  });

  const isClosed = !rules.first && !rules.open && !invitation;
  if (isClosed) return <ClosedPage />;
  return (
    <Page
      title={rules.first ? t.sign.ownerTitle : t.sign.upTitle}
      lead={rules.first ? t.sign.ownerLead : invitation ? t.sign.invitedLead : t.sign.upLead}
      width="narrow"
    >
      <form onSubmit={submit} noValidate className="grid gap-5">
        <WordsNotice words={told.rest} />
        <TextField
          label={t.sign.name}
          hint={t.sign.nameHint}
          autoComplete="name"
          maxLength={100}
          required
          {...field("name")}
        />
        <TextField
          label={t.sign.email}
          type="email"
          autoComplete="email"
          required
          {...field("email")}
        />
        <PasswordField
          label={t.sign.password}
          hint={t.sign.passwordHint}
          autoComplete="new-password"
          required
          {...field("password")}
        />
        {rules.needs_owner_token && (
          <TextField
            label={t.sign.ownerToken}
            hint={t.sign.ownerTokenHint}
            autoComplete="off"
            spellCheck={false}
            required
            {...field("owner_token")}
          />
        )}
        <Button type="submit" look="primary" busy={signUp.isPending} className="mt-1 min-h-12">
          {t.sign.up}
        </Button>
      </form>
      {!rules.first && <ToSignIn />}
    </Page>
  );
}

function ClosedPage() {
  const { t } = useLanguage();
  return (
    <Page title={t.sign.closedTitle} width="narrow">
      <Notice>{t.sign.closedText}</Notice>
      <ToSignIn />
    </Page>
  );
}

function ToSignIn() {
  const { t } = useLanguage();
  return (
    <p className="mt-6 text-center text-quiet">
      {t.sign.toSignInText}{" "}
      <Link to="/signin" className="font-semibold text-mark underline underline-offset-4">
        {t.sign.toSignIn}
      </Link>
    </p>
  );
}
