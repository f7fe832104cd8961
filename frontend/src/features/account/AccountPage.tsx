import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { LOCALE_NAMES, LOCALES, type Locale, useLanguage } from "../../i18n";
import { api, bodyOf } from "../../lib/api";
import { forgetWhatLiesHere } from "../../lib/leftBehind";
import { asProblem, problemWords, sortByField } from "../../lib/problems";
import { meQuery, statusQuery } from "../../lib/queries";
import { forgetSentences, spooledSentences } from "../../lib/sentences";
import { forgetTakes, orphanTakes } from "../../lib/take";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { Field, PasswordField, TextField } from "../../ui/Field";
import { Icon, type IconName } from "../../ui/Icon";
import { WordsNotice } from "../../ui/Notice";
import { Card, Page } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";
import { Invitations } from "./Invitations";

export function AccountPage() {
  const { t } = useLanguage();
  const me = useSuspenseQuery(meQuery).data;
  if (!me) return null;
  return (
    <Page title={t.account.title} width="narrow">
      <div className="grid gap-5">
        <Profile name={me.name} email={me.email} />
        <MailSwitch isOn={me.mail_at_first_view} />
        {me.is_owner && <Invitations />}
        <Card className="grid gap-2">
          <Onward to="/words" icon="text">
            {t.words.title}
          </Onward>
          <Onward to="/account/api-keys" icon="key">
            {t.account.apiKeys}
          </Onward>
          <Onward to="/account/webhooks" icon="link">
            {t.webhooks.title}
          </Onward>
          <Onward to="/system" icon="shield">
            {t.account.system}
          </Onward>
          <SignOut />
        </Card>
        <DeleteAccount />
      </div>
    </Page>
  );
}

interface OnwardProps {
  to: "/words" | "/account/api-keys" | "/account/webhooks" | "/system";
  icon: IconName;
  children: ReactNode;
}

function Onward({ to, icon, children }: OnwardProps) {
  return (
    <Link
      to={to}
      className="flex min-h-11 items-center justify-between gap-3 rounded-xl font-semibold hover:text-mark"
    >
      <span className="flex items-center gap-3">
        <Icon name={icon} className="size-6 text-mark" />
        {children}
      </span>
      <Icon name="back" className="size-5 rotate-180 text-quiet" />
    </Link>
  );
}

function Profile({ name, email }: { name: string; email: string }) {
  const { t, locale, setLocale } = useLanguage();
  const [typed, setTyped] = useState(name);
  const queryClient = useQueryClient();
  const toast = useToast();
  const change = useMutation({
    mutationFn: (body: { name?: string; language?: string }) =>
      bodyOf(api.PATCH("/api/v1/accounts/me", { body })),
    onSuccess(account) {
      queryClient.setQueryData(meQuery.queryKey, account);
      toast(t.account.nameSaved);
    },
  });
  const told = sortByField(t, change.isError ? asProblem(change.error) : null, {
    name: "name" as const,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() && typed !== name) change.mutate({ name: typed.trim() });
  };
  return (
    <Card>
      <h2 className="mb-4 font-bold text-lg">{t.account.profile}</h2>
      <form onSubmit={submit} className="grid gap-5" noValidate>
        <WordsNotice words={told.rest} />
        <TextField
          label={t.sign.name}
          hint={t.sign.nameHint}
          autoComplete="name"
          maxLength={100}
          value={typed}
          onValue={setTyped}
          problem={typed.trim() ? told.fields.name : { what: t.common.requiredMissing, fix: "" }}
        />
        {typed !== name && (
          <Button
            type="submit"
            look="primary"
            busy={change.isPending}
            className="justify-self-start"
          >
            {t.common.save}
          </Button>
        )}
        <p className="text-quiet text-sm">
          {t.sign.email}: <span className="text-ink">{email}</span>
        </p>
        <Field label={t.account.language}>
          {(control) => (
            <select
              {...control}
              value={locale}
              onChange={(event) => {
                const language = event.target.value as Locale;
                setLocale(language);
                change.mutate({ language });
              }}
              className="min-h-12 w-full rounded-xl border border-edge bg-card px-3"
            >
              {LOCALES.map((code) => (
                <option key={code} value={code} lang={code}>
                  {LOCALE_NAMES[code]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </form>
    </Card>
  );
}

/** Where the server sends mail: whether one tells of a message's first view. */
function MailSwitch({ isOn }: { isOn: boolean }) {
  const { t } = useLanguage();
  const queryClient = useQueryClient();
  const toast = useToast();
  const status = useQuery(statusQuery).data;
  const change = useMutation({
    mutationFn: (mail_at_first_view: boolean) =>
      bodyOf(api.PATCH("/api/v1/accounts/me", { body: { mail_at_first_view } })),
    onSuccess(account) {
      queryClient.setQueryData(meQuery.queryKey, account);
      toast(t.account.nameSaved);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  if (!status?.sends_mail) return null;
  return (
    <Card>
      <h2 className="mb-2 font-bold text-lg">{t.account.mails}</h2>
      <label className="flex min-h-11 items-center gap-3">
        <input
          type="checkbox"
          checked={change.isPending ? change.variables : isOn}
          onChange={(event) => change.mutate(event.target.checked)}
          className="size-5 shrink-0 accent-mark"
        />
        {t.account.mailAtFirstView}
      </label>
    </Card>
  );
}

function SignOut() {
  const { t } = useLanguage();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const toast = useToast();
  const me = useQuery(meQuery).data?.id ?? "";
  const [isAsking, setAsking] = useState(false);
  const signOut = useMutation({
    async mutationFn(isSure: boolean) {
      if (!isSure && (await hasUnsent(me))) return false;
      await api.DELETE("/api/v1/sessions/current");
      return true;
    },
    async onSuccess(isOut) {
      setAsking(!isOut);
      if (!isOut) return;
      queryClient.setQueryData(meQuery.queryKey, null);
      forgetWhatLiesHere();
      await Promise.all([forgetTakes(me), forgetSentences(me)]);
      await navigate({ to: "/signin" });
      queryClient.clear();
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <>
      <Button
        className="justify-self-start"
        busy={signOut.isPending}
        onClick={() => signOut.mutate(false)}
      >
        {t.account.signOut}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.studio.unsentTitle}
        text={t.account.unsentText}
        confirm={t.account.signOut}
        busy={signOut.isPending}
        onConfirm={() => signOut.mutate(true)}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

/** Whether something was recorded here that lies on no server. */
async function hasUnsent(accountId: string): Promise<boolean> {
  const kept = [orphanTakes(accountId), spooledSentences(accountId)];
  const found = await Promise.all(kept.map((asked) => asked.catch(() => [])));
  return found.some((recordings) => recordings.length > 0);
}

function DeleteAccount() {
  const { t } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const [password, setPassword] = useState("");
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () => api.DELETE("/api/v1/accounts/me", { body: { password } }),
    async onSuccess() {
      setAsking(false);
      const me = queryClient.getQueryData(meQuery.queryKey)?.id ?? "";
      queryClient.setQueryData(meQuery.queryKey, null);
      forgetWhatLiesHere();
      await Promise.all([forgetTakes(me), forgetSentences(me)]);
      toast(t.account.deleted);
      queryClient.removeQueries({ queryKey: ["sign-up"] });
      await navigate({ to: "/signin" });
    },
  });
  const problem = remove.isError ? asProblem(remove.error) : null;
  const told = sortByField(t, problem, { password: "password" as const });
  return (
    <Card>
      <h2 className="mb-2 font-bold text-lg">{t.account.danger}</h2>
      <p className="mb-4 text-quiet">{t.account.dangerText}</p>
      <Button look="danger" onClick={() => setAsking(true)}>
        {t.account.deleteButton}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.account.deleteTitle}
        text={t.account.deleteText}
        confirm={t.account.deleteConfirm}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => {
          setAsking(false);
          setPassword("");
          remove.reset();
        }}
      >
        <div className="mt-4 grid gap-3">
          <WordsNotice
            words={problem?.code === "conflict_state" ? t.account.ownerStays : told.rest}
          />
          <PasswordField
            label={t.sign.password}
            autoComplete="current-password"
            value={password}
            onValue={setPassword}
            problem={told.fields.password}
          />
        </div>
      </ConfirmDialog>
    </Card>
  );
}
