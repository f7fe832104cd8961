import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  type FormEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Voice } from "../../lib/api";
import { useFirstProblem } from "../../lib/firstProblem";
import { useVoiceIntent } from "../../lib/intent";
import { asProblem, sortByField, type Words } from "../../lib/problems";
import { meQuery, voicesQuery } from "../../lib/queries";
import { spooledSentences, unfinishedSample } from "../../lib/sentences";
import { forgetUpload, uploadFile } from "../../lib/upload";
import { Button, buttonLook } from "../../ui/Button";
import { Field, FieldProblem, TextField } from "../../ui/Field";
import { Notice, WordsNotice } from "../../ui/Notice";
import { Card, Page } from "../../ui/Page";
import { ProgressBar } from "../../ui/ProgressBar";
import { Booth, isEnough, readIn, type Sentences, sampleFile } from "./booth";
import { QualityCard } from "./QualityCard";
import { readReport } from "./report";
import { SampleField, type SampleWay } from "./SampleField";
import { TryVoice } from "./TryVoice";

type FieldName = "sample" | "name" | "language" | "consent";
const FIELDS: Record<string, FieldName> = {
  audio: "sample",
  file: "sample",
  files: "sample",
  "files[]": "sample",
  sample: "sample",
  upload_id: "sample",
  name: "name",
  language: "language",
  consent: "consent",
};
const LANGUAGES = ["ja", "en", "zh", "ko", "es", "fr"];

/** What is going on between the click and the voice. */
type Step =
  | { name: "sending"; fraction: number; isWaiting: boolean; isResumed: boolean }
  | { name: "profiling" };

export function NewVoicePage() {
  const { t } = useLanguage();
  const me = useQuery(meQuery).data;
  const [made, setMade] = useState<Voice | null>(null);
  if (!me) return null;
  if (made) return <MadeVoice voice={made} onAgain={() => setMade(null)} />;
  return (
    <Page title={t.newVoice.title} lead={t.newVoice.lead} width="narrow">
      <VoiceForm key={me.id} accountId={me.id} onMade={setMade} />
    </Page>
  );
}

interface VoiceFormProps {
  accountId: string;
  onMade: (voice: Voice) => void;
}

function VoiceForm({ accountId, onMade }: VoiceFormProps) {
  const { t, locale, format } = useLanguage();
  useVoiceIntent();
  const client = useQueryClient();
  const [way, setWay] = useState<SampleWay>("record");
  const [chosen, setChosen] = useState<File | null>(null);
  const [language, setLanguage] = useState<string>(locale);
  useUnfinished(accountId, setLanguage);
  const booth = useBooth(accountId, language);
  const { sentences } = useSyncExternalStore(booth.subscribe, booth.snapshot);
  const [name, setName] = useState("");
  const [isAgreed, setAgreed] = useState(false);
  const [missing, setMissing] = useState<Partial<Record<FieldName, Words>>>({});
  const [step, setStep] = useState<Step | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const hasSample = way === "record" ? isEnough(sentences) : chosen !== null;
  // The sentences that were judged: what was said of them is not said of newer ones.
  const [tried, setTried] = useState(sentences);
  const isSampleNew = way === "record" && tried !== sentences;
  const consentText = t.newVoice.consentText(name.trim() || t.newVoice.namePlaceholder);

  const make = useMutation({
    async mutationFn(file: File) {
      const abort = new AbortController();
      running.current = abort;
      const upload = await uploadFile({
        kind: "audio",
        file,
        filename: file.name,
        signal: abort.signal,
        onProgress: (fraction) =>
          setStep((held) => ({ ...sendingOf(held), fraction, isWaiting: false })),
        onWaiting: (isWaiting) => setStep((held) => ({ ...sendingOf(held), isWaiting })),
        onResume: () => setStep((held) => ({ ...sendingOf(held), isResumed: true })),
      });
      setStep({ name: "profiling" });
      const voice = await bodyOf(
        api.POST("/api/v1/voices", {
          body: {
            name: name.trim(),
            language,
            upload_id: upload.id,
            consent: { accepted: isAgreed, text: consentText },
          },
        }),
      );
      forgetUpload({ kind: "audio", file, filename: file.name });
      return voice;
    },
    onSuccess(voice) {
      if (way === "record") void booth.forget();
      void client.invalidateQueries(voicesQuery);
      onMade(voice);
    },
    onSettled: () => setStep(null),
  });
  const goToProblem = useFirstProblem(form, make.error);
  const told = sortByField(t, make.isError ? asProblem(make.error) : null, FIELDS);
  const problemOf = (field: FieldName) => missing[field] ?? told.fields[field];
  const mend = (field: FieldName) => {
    setMissing(({ [field]: _mended, ...rest }) => rest);
    if (make.isError) make.reset();
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (make.isPending) return;
    const found: Partial<Record<FieldName, Words>> = {};
    if (!hasSample) found.sample = { what: missingWords(t, way, sentences), fix: "" };
    if (!name.trim()) found.name = { what: t.common.requiredMissing, fix: "" };
    if (!isAgreed) found.consent = { what: t.newVoice.missingConsent, fix: "" };
    setMissing(found);
    setTried(sentences);
    const sample = way === "record" ? sampleFile(sentences) : chosen;
    if (!sample || Object.keys(found).length > 0) return goToProblem();
    booth.rest();
    make.mutate(sample);
  };

  return (
    <form ref={form} onSubmit={submit} noValidate className="grid gap-5">
      <WordsNotice words={told.rest} />
      <Card className="grid gap-6">
        <Field label={t.newVoice.language} problem={problemOf("language")}>
          {(control) => (
            <select
              {...control}
              value={language}
              onChange={(event) => {
                setLanguage(event.target.value);
                mend("language");
              }}
              className="min-h-12 w-full rounded-xl border border-edge bg-card px-3 sm:max-w-72"
            >
              {LANGUAGES.map((code) => (
                <option key={code} value={code}>
                  {t.languages[code]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <SampleField
          way={way}
          onWay={(next) => {
            setWay(next);
            booth.rest();
            mend("sample");
          }}
          booth={booth}
          file={chosen}
          onFile={(file) => {
            setChosen(file);
            mend("sample");
          }}
          problem={isSampleNew ? undefined : problemOf("sample")}
          isLocked={make.isPending}
        />
      </Card>
      <Card className="grid gap-6">
        <TextField
          label={t.newVoice.name}
          placeholder={t.newVoice.namePlaceholder}
          value={name}
          onValue={(value) => {
            setName(value);
            mend("name");
          }}
          maxLength={100}
          autoComplete="off"
          problem={problemOf("name")}
        />
        <ConsentField
          text={consentText}
          isAgreed={isAgreed}
          problem={problemOf("consent")}
          onAgree={(value) => {
            setAgreed(value);
            mend("consent");
          }}
        />
      </Card>
      <Notice>
        <p className="text-sm">{t.voices.honest}</p>
      </Notice>
      {step && <StepLine words={stepWords(t, format, step)} step={step} />}
      <Button type="submit" look="primary" icon="voice" busy={make.isPending} className="min-h-13">
        {t.newVoice.make}
      </Button>
    </form>
  );
}

/** The booth of this script; leaving the page or the script turns its microphone off. */
function useBooth(accountId: string, language: string): Booth {
  const booth = useMemo(() => new Booth(accountId, language), [accountId, language]);
  useEffect(() => {
    booth.enter();
    return () => booth.leave();
  }, [booth]);
  return booth;
}

/** Whoever comes back to sentences in another language goes on in that one. */
function useUnfinished(accountId: string, onLanguage: (language: string) => void): void {
  const tell = useRef(onLanguage);
  useEffect(() => {
    spooledSentences(accountId)
      .then((sentences) => {
        const unfinished = unfinishedSample(sentences);
        if (unfinished) tell.current(unfinished.language);
      })
      .catch(() => undefined);
  }, [accountId]);
}

function missingWords(t: Language["t"], way: SampleWay, sentences: Sentences): string {
  if (way === "record" && readIn(sentences).length > 0) return t.newVoice.missingSentences;
  return t.newVoice.missingSample;
}

type Sending = Extract<Step, { name: "sending" }>;
const sendingOf = (step: Step | null): Sending =>
  step?.name === "sending"
    ? step
    : { name: "sending", fraction: 0, isWaiting: false, isResumed: false };

type Language = ReturnType<typeof useLanguage>;

function stepWords(t: Language["t"], format: Language["format"], step: Step): string {
  if (step.name === "profiling") return t.newVoice.profiling;
  if (step.isWaiting) return t.compose.photoResume;
  if (step.fraction >= 1) return t.newVoice.checking;
  const sending = t.newVoice.sending(format.integer(step.fraction * 100));
  return step.isResumed ? `${t.newVoice.resumed} ${sending}` : sending;
}

function StepLine({ words, step }: { words: string; step: Step }) {
  const isMeasured = step.name === "sending" && step.fraction < 1;
  return (
    <div className="grid gap-2">
      <p role="status" className="font-semibold">
        {words}
      </p>
      <ProgressBar value={isMeasured ? step.fraction * 100 : null} label={words} />
    </div>
  );
}

interface ConsentFieldProps {
  text: string;
  isAgreed: boolean;
  problem: Words | undefined;
  onAgree: (isAgreed: boolean) => void;
}

function ConsentField({ text, isAgreed, problem, onAgree }: ConsentFieldProps) {
  const { t } = useLanguage();
  const id = useId();
  return (
    <fieldset>
      <legend className="mb-1.5 font-semibold">{t.newVoice.consent}</legend>
      <p id={`${id}-text`} className="rounded-xl bg-sunk p-4 leading-relaxed">
        {text}
      </p>
      <label className="mt-3 flex min-h-12 items-center gap-3 rounded-xl px-1 font-semibold">
        <input
          type="checkbox"
          checked={isAgreed}
          onChange={(event) => onAgree(event.target.checked)}
          aria-describedby={`${id}-text ${id}-problem`}
          aria-invalid={Boolean(problem)}
          className="size-6 accent-mark"
        />
        {t.newVoice.consentTick}
      </label>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </fieldset>
  );
}

function MadeVoice({ voice, onAgain }: { voice: Voice; onAgain: () => void }) {
  const { t } = useLanguage();
  const report = readReport(voice.report ?? null);
  return (
    <Page title={t.newVoice.doneTitle(voice.name)} width="narrow">
      <div className="grid gap-5">
        {report && <QualityCard report={report} />}
        <Card>
          <h2 className="mb-4 font-bold text-lg">{t.voices.tryTitle}</h2>
          <TryVoice voiceId={voice.id} languages={[voice.language]} />
          <p className="mt-5 text-quiet text-sm">{t.voices.honest}</p>
        </Card>
        <div className="flex flex-wrap gap-3">
          <Link to="/messages/$id" params={{ id: "new" }} className={buttonLook("primary")}>
            {t.voices.toMessage}
          </Link>
          <Button icon="microphone" onClick={onAgain}>
            {t.report.again}
          </Button>
        </div>
      </div>
    </Page>
  );
}
