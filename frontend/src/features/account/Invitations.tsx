import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Invitation } from "../../lib/api";
import { copyText } from "../../lib/clipboard";
import { asProblem, problemWords, sortByField } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { LoadProblem, WordsNotice } from "../../ui/Notice";
import { Card, Skeleton } from "../../ui/Page";
import { useToast } from "../../ui/Toasts";

const invitationsQuery = queryOptions({
  queryKey: ["invitations"],
  queryFn: ({ signal }) => bodyOf(api.GET("/api/v1/invitations", { signal })),
});

export function Invitations() {
  const { t } = useLanguage();
  const invitations = useQuery(invitationsQuery);
  const open = invitations.data?.items.filter((invitation) => !invitation.used_at) ?? [];
  return (
    <Card>
      <h2 className="font-bold text-lg">{t.account.invitations}</h2>
      <p className="mb-4 text-quiet">{t.account.invitationsLead}</p>
      <Invite />
      <div className="mt-5">
        {invitations.isPending && <Skeleton rows={1} className="h-14" />}
        {invitations.isError && (
          <LoadProblem error={invitations.error} onRetry={() => void invitations.refetch()} />
        )}
        {invitations.isSuccess && open.length === 0 && (
          <p className="text-quiet text-sm">{t.account.noInvitations}</p>
        )}
        <ul className="grid gap-3">
          {open.map((invitation) => (
            <InvitationLine key={invitation.id} invitation={invitation} />
          ))}
        </ul>
      </div>
    </Card>
  );
}

function Invite() {
  const { t } = useLanguage();
  const [email, setEmail] = useState("");
  const queryClient = useQueryClient();
  const invite = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/invitations", { body: email.trim() ? { email: email.trim() } : {} }),
      ),
    async onSuccess() {
      setEmail("");
      await queryClient.invalidateQueries(invitationsQuery);
    },
  });
  const told = sortByField(t, invite.isError ? asProblem(invite.error) : null, {
    email: "email" as const,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!invite.isPending) invite.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-3">
      <WordsNotice words={told.rest} />
      <TextField
        label={t.account.inviteEmail}
        isOptional
        type="email"
        autoComplete="off"
        value={email}
        onValue={setEmail}
        problem={told.fields.email}
      />
      <Button type="submit" icon="plus" busy={invite.isPending} className="justify-self-start">
        {t.account.invite}
      </Button>
    </form>
  );
}

function InvitationLine({ invitation }: { invitation: Invitation }) {
  const { t, format } = useLanguage();
  const [isAsking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const toast = useToast();
  const withdraw = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/invitations/{invitation_id}", {
        params: { path: { invitation_id: invitation.id } },
      }),
    async onSuccess() {
      setAsking(false);
      toast(t.account.withdrawn);
      await queryClient.invalidateQueries(invitationsQuery);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  const copy = async () => {
    try {
      await copyText(invitation.url);
      toast(t.ready.linkCopied);
    } catch {
      toast(invitation.url, "bad"); // no clipboard here: at least it can be read
    }
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-xl bg-sunk p-3 ps-4">
      <div className="min-w-40 flex-1">
        <p className="font-semibold">{invitation.email ?? t.account.anyone}</p>
        <p className="text-quiet text-sm">{t.account.expires(format.day(invitation.expires_at))}</p>
      </div>
      <Button look="plain" icon="copy" onClick={() => void copy()}>
        {t.account.copyLink}
      </Button>
      <Button look="quiet" onClick={() => setAsking(true)}>
        {t.account.withdraw}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.account.withdrawTitle}
        text={t.account.withdrawText}
        confirm={t.account.withdraw}
        busy={withdraw.isPending}
        onConfirm={() => withdraw.mutate()}
        onClose={() => setAsking(false)}
      />
    </li>
  );
}
