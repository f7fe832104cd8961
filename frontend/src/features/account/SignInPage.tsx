import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf } from "../../lib/api";
import { asProblem, problemWords, type Words } from "../../lib/problems";
import { meQuery, signUpQuery } from "../../lib/queries";
import { safeReturnPath } from "../../lib/returnPath";
import { Button } from "../../ui/Button";
import { PasswordField, TextField } from "../../ui/Field";
import { Notice, WordsNotice } from "../../ui/Notice";
import { Page } from "../../ui/Page";

export function SignInPage() {
  const { t } = useLanguage();
  const search = useSearch({ from: "/welcome/signin" });
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<{ email?: Words; password?: Words }>({});
  const rules = useQuery(signUpQuery);

  const signIn = useMutation({
    mutationFn: () => bodyOf(api.POST("/api/v1/sessions", { body: { email, password } })),
    onSuccess(account) {
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, account);
      return navigate({ to: safeReturnPath(search.next), replace: true });
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const needed = { what: t.common.requiredMissing, fix: "" };
    setMissing({ ...(email ? {} : { email: needed }), ...(password ? {} : { password: needed }) });
    if (email && password && !signIn.isPending) signIn.mutate();
  };

  return (
    <Page title={t.sign.inTitle} lead={t.sign.inLead} width="narrow">
      <form onSubmit={submit} noValidate className="grid gap-5">
        {search.expired && !signIn.isError && <Notice>{t.sign.expired}</Notice>}
        <WordsNotice words={signIn.isError ? problemWords(t, asProblem(signIn.error)) : null} />
        <TextField
          label={t.sign.email}
          type="email"
          autoComplete="email"
          value={email}
          onValue={setEmail}
          problem={missing.email}
          required
        />
        <PasswordField
          label={t.sign.password}
          autoComplete="current-password"
          value={password}
          onValue={setPassword}
          problem={missing.password}
          required
        />
        <Button type="submit" look="primary" busy={signIn.isPending} className="mt-1 min-h-12">
          {t.sign.in}
        </Button>
      </form>
      {rules.data?.open && (
        <p className="mt-6 text-center text-quiet">
          {t.sign.toSignUpText}{" "}
          <Link to="/signup" className="font-semibold text-mark underline underline-offset-4">
            {t.sign.toSignUp}
          </Link>
        </p>
      )}
    </Page>
  );
}
