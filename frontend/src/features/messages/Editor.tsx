/** Where a message is written: photo, words, voice, and one obvious next step. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Message } from "../../lib/api";
import { useFirstProblem } from "../../lib/firstProblem";
import { useVoiceIntent } from "../../lib/intent";
import { asProblem, Problem, sortByField, type Words, wordsFor } from "../../lib/problems";
import { baseVoicesQuery, uploadQuery, voicesQuery } from "../../lib/queries";
import { useSettled } from "../../lib/settled";
import { charactersIn } from "../../lib/speech";
import { UploadsUnderway, useAfterUploads } from "../../lib/uploadsUnderway";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { LaneLine } from "../../ui/LaneNotice";
import { LanguageField } from "../../ui/LanguageField";
import { Notice, WordsNotice } from "../../ui/Notice";
import { Card, Page } from "../../ui/Page";
import { SCRIPT_LIMIT, ScriptField } from "../../ui/ScriptField";
import { defaultVoice, speaks, VoiceField } from "../../ui/VoiceField";
import { AspectField } from "./AspectField";
import { BackToCampaign } from "./BackToCampaign";
import { reframed } from "./crops";
import { DeleteMessage } from "./DeleteMessage";
import { DraftConflict, goToConflicts } from "./DraftConflict";
import { BLANK, type DraftContent } from "./draft";
import { FailureWords } from "./FailureWords";
import { type LookField, LookFields } from "./look/LookFields";
import { Pictures } from "./look/Pictures";
import { useMakingTime } from "./makingTime";
import { Placeholders } from "./Placeholders";
import { PreviewDialog } from "./preview/PreviewDialog";
import { keepMessage } from "./queries";
import { kanaWords, Readings, readingProblem } from "./Readings";
import { SaveLine } from "./SaveLine";
import { SendToMany } from "./SendToMany";
import { Sentences } from "./sentences/Sentences";
import { scriptProblem, sentencesQuery } from "./sentencesQuery";
import { type Direction, UndoButtons } from "./UndoButtons";
import { useDraft } from "./useDraft";

type FieldName =
  | "title"
  | "photo"
  | "photos"
  | "script"
  | "language"
  | "voice"
  | "aspect"
  | "readings"
  | "deliveries"
  | LookField;
const FIELDS: Record<string, FieldName> = {
  title: "title",
  photo: "photo",
  photo_upload_id: "photo",
  script: "script",
  language: "language",
  voice: "voice",
  aspect: "aspect",
  readings: "readings",
  deliveries: "deliveries",
  more_photo_upload_ids: "photos",
  theme: "theme",
  music: "music",
  music_upload_id: "music",
  music_track: "music",
  title_card: "title_card",
  closing_card: "closing_card",
  burned_captions: "burned_captions",
  waveform: "waveform",
};

interface EditorProps {
  message: Message | null;
  editorKey: string;
}

export function Editor({ message, editorKey }: EditorProps) {
  const { t, locale } = useLanguage();
  const navigate = useNavigate();
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const draft = useDraft(message, { ...BLANK, language: locale }, (created) => {
    keepMessage(client, created);
    void navigate({
      to: "/messages/$id",
      params: { id: created.id },
      replace: true,
      resetScroll: false,
      state: { editor: editorKey },
    });
  });
  const { content } = draft;

  const own = useQuery(voicesQuery).data?.items;
  const base = useQuery(baseVoicesQuery).data?.items;
  const voice = content.voice ?? (own && base ? defaultVoice(own, base, content.language) : null);

  const flush = () => {
    if (voice !== content.voice) draft.fill({ voice });
    return draft.flush();
  };
  const [local, setLocal] = useState<Partial<Record<FieldName, Words>>>({});
  const render = useMutation({
    async mutationFn() {
      const id = await flush();
      if (!id) throw new Problem("network", 0, "The draft is not on the server yet.");
      return bodyOf(
        api.POST("/api/v1/messages/{message_id}/render", { params: { path: { message_id: id } } }),
      );
    },
    onSuccess: (queued) => keepMessage(client, queued),
  });
  const [isPreviewed, setPreviewed] = useState(false);
  const goToProblem = useFirstProblem(form, render.error);

  const refused = draft.state === "refused" ? draft.problem : null;
  const told = sortByField(t, render.isError ? asProblem(render.error) : refused, FIELDS);
  const failure = message?.state === "failed" && !render.isError ? message.problem : null;
  const earlier = sortByField(
    t,
    failure
      ? new Problem(failure.code, failure.status, failure.detail, failure.errors ?? [])
      : null,
    FIELDS,
  );
  const signs = useScriptSigns(content.script, content.language);
  const problemOf = (field: FieldName) =>
    local[field] ??
    (field === "script" ? signs : undefined) ??
    told.fields[field] ??
    earlier.fields[field];

  /** A change mends the field: its problem goes until the server says otherwise. */
  const change = (field: FieldName, changes: Partial<DraftContent>) => {
    setLocal(({ [field]: _mended, ...rest }) => rest);
    if (render.isError) render.reset();
    draft.change(changes);
  };
  const takeStep = (direction: Direction) => {
    setLocal({});
    if (render.isError) render.reset();
    draft.step(direction);
  };
  const changeLanguage = (language: string) => {
    const kept = voice && own && base && speaks(voice, language, own, base);
    const next = own && base ? defaultVoice(own, base, language) : null;
    const deliveries = content.deliveries.map((one) =>
      one.voice && own && base && !speaks(one.voice, language, own, base)
        ? { ...one, voice: null }
        : one,
    );
    change("language", { language, deliveries, ...(kept ? {} : { voice: next }) });
  };

  useVoiceIntent();
  const making = useMakingTime(content.script, content.language, voice);
  const missing = missingParts({ ...content, voice });
  const start = () => {
    const found: Partial<Record<FieldName, Words>> = {};
    if (missing.includes("photo")) found.photo = t.problems.photo_missing;
    if (missing.includes("script")) found.script = t.problems.script_empty;
    if (missing.includes("voice")) found.voice = t.problems.voice_unknown;
    if (charactersIn(content.script) > SCRIPT_LIMIT) found.script = t.problems.script_too_long;
    if (content.language === "ja") {
      const unreadable = kanaWords(t, readingProblem(content.script, content.readings));
      if (unreadable) found.readings = unreadable;
    }
    setLocal(found);
    if (draft.conflicts.length > 0) goToConflicts();
    else if (Object.keys(found).length > 0) goToProblem();
    else render.mutate();
  };

  const afterUploads = useAfterUploads(start);

  const campaignId = message?.campaign_id ?? null;
  const isAgain = message?.state === "failed" || message?.state === "cancelled";
  return (
    <UploadsUnderway value={afterUploads.note}>
      <Page
        title={message ? t.compose.editTitle : t.compose.title}
        width="wide"
        actions={
          message &&
          !campaignId && (
            <div className="flex">
              <SendToMany message={message} save={flush} isCompact />
              <DeleteMessage message={message} onDelete={draft.abandon} isCompact />
            </div>
          )
        }
      >
        <form
          ref={form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!campaignId) afterUploads.begin();
          }}
          className="grid gap-6 lg:grid-cols-[minmax(18rem,26rem)_minmax(0,1fr)] lg:items-start lg:gap-8"
        >
          <div className="contents *:lg:col-span-2">
            {failure && (
              <Notice tone="bad" title={t.compose.failedTitle}>
                <FailureWords failure={failure} />
              </Notice>
            )}
            {message?.state === "cancelled" && (
              <Notice title={t.compose.cancelledTitle}>{t.compose.cancelledText}</Notice>
            )}
            <DraftConflict draft={draft} />
            {draft.wasRestored && draft.state !== "saved" && <Notice>{t.compose.restored}</Notice>}
            <WordsNotice words={told.rest} />
          </div>

          <div className="grid gap-5 lg:top-22 lg:[@media(min-height:60rem)]:sticky">
            <Pictures content={content} problemOf={problemOf} onChange={change} />
            <AspectField
              value={content.aspect}
              problem={problemOf("aspect")}
              onValue={(aspect) => {
                const photo_crops = reframed(
                  content.photo_crops,
                  aspect,
                  (id) => client.getQueryData(uploadQuery(id).queryKey)?.photo,
                );
                change("aspect", {
                  aspect,
                  ...(content.photo_crops.length ? { photo_crops } : {}),
                });
              }}
            />
          </div>

          <Card className="grid gap-7">
            <TextField
              label={t.compose.headline}
              hint={t.compose.headlineHint}
              placeholder={t.compose.headlinePlaceholder}
              isOptional
              maxLength={200}
              value={content.title}
              onValue={(title) => change("title", { title })}
              problem={problemOf("title")}
            />
            <ScriptField
              value={content.script}
              language={content.language}
              problem={problemOf("script")}
              making={making}
              onValue={(script) => change("script", { script })}
              onLanguage={changeLanguage}
              {...(campaignId
                ? {
                    tools: (insert: (text: string) => void) => (
                      <Placeholders
                        campaignId={campaignId}
                        language={content.language}
                        onInsert={insert}
                      />
                    ),
                  }
                : {})}
            />
            {content.script.trim() && (
              <Sentences
                id={message?.id ?? null}
                script={content.script}
                language={content.language}
                voice={voice}
                readings={content.language === "ja" ? content.readings : []}
                deliveries={content.deliveries}
                problem={problemOf("deliveries")}
                onDeliveries={(deliveries) => change("deliveries", { deliveries })}
                onTake={(changes) => change("deliveries", changes)}
              />
            )}
            {content.language === "ja" && content.script.trim() && (
              <Readings
                script={content.script}
                voice={voice}
                deliveries={content.deliveries}
                readings={content.readings}
                problem={problemOf("readings")}
                onReadings={(readings) => change("readings", { readings })}
              />
            )}
            <LanguageField
              value={content.language}
              problem={problemOf("language")}
              onValue={changeLanguage}
            />
            <VoiceField
              value={voice}
              language={content.language}
              script={content.script}
              problem={problemOf("voice")}
              onValue={(chosen) => change("voice", { voice: chosen })}
            />
          </Card>

          <Card className="grid gap-7 lg:col-start-2">
            <LookFields
              content={content}
              problemOf={problemOf}
              onChange={change}
              waveform={{
                problem: problemOf("waveform"),
                onChange: (changes) => change("waveform", changes),
              }}
            />
          </Card>

          <div className="fixed inset-x-0 bottom-0 z-20 border-line border-t bg-paper/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:sticky lg:bottom-4 lg:col-span-2 lg:rounded-2xl lg:border lg:bg-card/95 lg:shadow-card">
            <div className="mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-3 md:px-8 lg:px-5">
              <LaneLine />
              <SaveLine
                state={draft.state}
                missing={missing.map((part) => partNames(t)[part])}
                hasTakenIn={draft.takenIn.length > 0}
                onDecide={goToConflicts}
              />
              <UndoButtons steps={draft.steps} onStep={takeStep} />
              <div className="flex gap-x-4 max-sm:w-full">
                <Button icon="eye" className="min-h-12 shrink-0" onClick={() => setPreviewed(true)}>
                  <span className="max-sm:sr-only">{t.preview.open}</span>
                </Button>
                {campaignId ? (
                  <BackToCampaign id={campaignId} save={flush} />
                ) : (
                  <Button
                    type="submit"
                    look="primary"
                    icon="play"
                    busy={render.isPending || afterUploads.isAwaiting}
                    className="min-h-12 shrink-0 px-5 max-sm:flex-1"
                  >
                    {afterUploads.isAwaiting
                      ? t.compose.awaitingFiles
                      : render.isPending
                        ? t.compose.rendering
                        : isAgain
                          ? t.compose.renderAgain
                          : t.compose.render}
                  </Button>
                )}
              </div>
            </div>
          </div>
        </form>
        <PreviewDialog isOpen={isPreviewed} save={flush} onClose={() => setPreviewed(false)} />
      </Page>
    </UploadsUnderway>
  );
}

/** What is wrong with the signs in the script, as soon as nobody types. */
function useScriptSigns(script: string, language: string): Words | undefined {
  const { t } = useLanguage();
  const settled = useSettled(script);
  const found = useQuery({
    ...sentencesQuery(settled, language),
    enabled: /[*＊[［]/u.test(settled) && charactersIn(settled) <= SCRIPT_LIMIT,
  });
  const problem = scriptProblem(found.error);
  return problem && settled === script ? wordsFor(t, problem.code, problem) : undefined;
}

type Part = "photo" | "script" | "voice";

function missingParts(content: DraftContent): Part[] {
  const parts: [Part, boolean][] = [
    ["photo", Boolean(content.photo_upload_id ?? content.background)],
    ["script", content.script.trim() !== ""],
    ["voice", Boolean(content.voice)],
  ];
  return parts.filter(([, isThere]) => !isThere).map(([part]) => part);
}

const partNames = (t: ReturnType<typeof useLanguage>["t"]): Record<Part, string> => ({
  photo: t.compose.needPhoto,
  script: t.compose.needScript,
  voice: t.compose.needVoice,
});
