import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Voice } from "../../lib/api";
import { charactersOf } from "../../lib/characters";
import { useVoiceIntent } from "../../lib/intent";
import { asProblem, problemWords, sortByField } from "../../lib/problems";
import { baseVoicesQuery, statusQuery, voicesQuery } from "../../lib/queries";
import { Button, buttonLook } from "../../ui/Button";
import { CharacterTerms } from "../../ui/CharacterTerms";
import { ConfirmDialog } from "../../ui/Dialog";
import { TextField } from "../../ui/Field";
import { NothingHere } from "../../ui/NothingHere";
import { LoadProblem } from "../../ui/Notice";
import { Card, Page, Skeleton } from "../../ui/Page";
import { PlainVoice } from "../../ui/PlainVoice";
import { useToast } from "../../ui/Toasts";
import { QualityCard } from "./QualityCard";
import { readReport } from "./report";
import { TryVoice } from "./TryVoice";

const voiceQuery = (id: string) =>
  queryOptions({
    queryKey: ["voice", id],
    queryFn: ({ signal }) =>
      bodyOf(api.GET("/api/v1/voices/{voice_id}", { signal, params: { path: { voice_id: id } } })),
  });

export function VoicePage() {
  const { t } = useLanguage();
  const { id } = useParams({ from: "/signed-in/voices/$id" });
  const query = useQuery(voiceQuery(id));
  if (query.data) return <KnownVoice voice={query.data} />;
  if (query.isError && asProblem(query.error).status === 404) return <NothingHere />;
  return (
    <Page title={t.voices.title} isTitleHidden width="narrow">
      {query.isError ? (
        <LoadProblem error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Skeleton rows={2} className="h-48" />
      )}
    </Page>
  );
}

function KnownVoice({ voice }: { voice: Voice }) {
  const { t, format } = useLanguage();
  useVoiceIntent();
  const report = readReport(voice.report ?? null);
  const status = useQuery(statusQuery);
  const spoken = (status.data?.languages ?? []).map((language) => language.code);
  // Its own language first: that is the one in which it sounds best.
  const languages = [voice.language, ...spoken.filter((code) => code !== voice.language)];
  return (
    <Page
      title={voice.name}
      width="narrow"
      actions={
        <Link to="/messages/$id" params={{ id: "new" }} className={buttonLook("plain")}>
          {t.voices.toMessage}
        </Link>
      }
    >
      <div className="grid gap-5">
        <Card>
          <h2 className="mb-4 font-bold text-lg">{t.voices.tryTitle}</h2>
          <TryVoice voiceId={voice.id} languages={languages} />
          <p className="mt-5 text-quiet text-sm">{t.voices.honest}</p>
        </Card>
        {report && <QualityCard report={report} />}
        <PlainVoice />
        <ReadingVoice voice={voice} />
        <Card className="grid gap-5">
          <Rename voice={voice} />
          <p className="text-quiet text-sm">
            {t.voices.consentGiven(format.day(voice.consent.accepted_at))}
            {voice.engine && <> · {t.voices.engine(voice.engine)}</>}
          </p>
          <DeleteVoice voice={voice} />
        </Card>
      </div>
    </Page>
  );
}

/** Who reads Japanese before it gets this voice's colour; nothing where there is nobody to choose. */
function ReadingVoice({ voice }: { voice: Voice }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  const id = useId();
  const base = useQuery(baseVoicesQuery);
  const characters = charactersOf(base.data?.items ?? []);
  const change = useMutation({
    mutationFn: (base_voice: string | null) =>
      bodyOf(
        api.PATCH("/api/v1/voices/{voice_id}", {
          params: { path: { voice_id: voice.id } },
          body: { base_voice },
        }),
      ),
    onSuccess(changed) {
      client.setQueryData(voiceQuery(voice.id).queryKey, changed);
      void client.invalidateQueries(voicesQuery);
      toast(t.voicevox.readerChanged);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  if (characters.length === 0 && !voice.base_voice) return null;
  const chosen = base.data?.items.find((each) => each.id === voice.base_voice);
  return (
    <Card className="grid gap-3">
      <label htmlFor={id} className="font-bold text-lg">
        {t.voicevox.reader}
      </label>
      <p className="text-quiet text-sm">{t.voicevox.readerText}</p>
      <select
        id={id}
        value={voice.base_voice ?? ""}
        disabled={change.isPending}
        onChange={(event) => change.mutate(event.target.value || null)}
        className="min-h-11 rounded-xl border border-edge bg-card px-3"
      >
        <option value="">{t.voicevox.readerAny}</option>
        {voice.base_voice && base.isSuccess && !chosen && (
          <option value={voice.base_voice}>{t.voicevox.readerAway}</option>
        )}
        {characters.map((character) => (
          <optgroup key={character.id} label={character.name}>
            {character.voices.map((each) => (
              <option key={each.id} value={each.id}>
                {each.name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {chosen && <CharacterTerms voiceId={chosen.id} credit={chosen.credit} />}
    </Card>
  );
}

function Rename({ voice }: { voice: Voice }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const toast = useToast();
  const [name, setName] = useState(voice.name);
  const rename = useMutation({
    mutationFn: () =>
      bodyOf(
        api.PATCH("/api/v1/voices/{voice_id}", {
          params: { path: { voice_id: voice.id } },
          body: { name: name.trim() },
        }),
      ),
    onSuccess(changed) {
      client.setQueryData(voiceQuery(voice.id).queryKey, changed);
      void client.invalidateQueries(voicesQuery);
      setName(changed.name);
      toast(t.voices.renamed);
    },
  });
  const told = sortByField(t, rename.isError ? asProblem(rename.error) : null, {
    name: "name" as const,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && name !== voice.name) rename.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-3">
      <TextField
        label={t.voices.rename}
        value={name}
        onValue={setName}
        maxLength={100}
        autoComplete="off"
        problem={
          name.trim()
            ? (told.fields.name ?? told.rest)
            : { what: t.common.requiredMissing, fix: "" }
        }
      />
      {name !== voice.name && (
        <Button type="submit" look="primary" busy={rename.isPending} className="justify-self-start">
          {t.common.save}
        </Button>
      )}
    </form>
  );
}

function DeleteVoice({ voice }: { voice: Voice }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/voices/{voice_id}", { params: { path: { voice_id: voice.id } } }),
    async onSuccess() {
      setAsking(false);
      await client.invalidateQueries(voicesQuery);
      await navigate({ to: "/voices" });
      client.removeQueries({ queryKey: voiceQuery(voice.id).queryKey });
      toast(t.voices.deleted);
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <div>
      <Button look="danger" icon="trash" onClick={() => setAsking(true)}>
        {t.voices.delete}
      </Button>
      <ConfirmDialog
        isOpen={isAsking}
        title={t.voices.deleteTitle(voice.name)}
        text={t.voices.deleteText}
        confirm={t.voices.delete}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setAsking(false)}
      />
    </div>
  );
}
