/** Names and words that one's messages say in one's own way. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, type Word } from "../../lib/api";
import { parseWord } from "../../lib/kana";
import { fetchPreview } from "../../lib/previews";
import { asProblem, problemWords } from "../../lib/problems";
import { useSound } from "../../lib/sound";
import { AccentLine } from "../../ui/AccentLine";
import { Icon } from "../../ui/Icon";
import { LoadProblem } from "../../ui/Notice";
import { Card, Page, Skeleton } from "../../ui/Page";
import { Spinner } from "../../ui/Spinner";
import { useToast } from "../../ui/Toasts";
import { wordsQuery } from "./queries";
import { WordForm } from "./WordForm";

const VOICE = "open_jtalk:mei_normal";

export function WordsPage() {
  const { t } = useLanguage();
  return (
    <Page title={t.words.title} lead={t.words.lead} width="narrow">
      <div className="grid gap-5">
        <Card>
          <h2 className="mb-4 font-bold text-lg">{t.words.add}</h2>
          <WordForm word={null} />
        </Card>
        <Card>
          <h2 className="mb-4 font-bold text-lg">{t.words.list}</h2>
          <Words />
        </Card>
        <Link
          to="/account"
          className="inline-flex min-h-11 items-center gap-2 font-semibold text-mark"
        >
          <Icon name="back" />
          {t.account.title}
        </Link>
      </div>
    </Page>
  );
}

function Words() {
  const { t } = useLanguage();
  const words = useQuery(wordsQuery);
  if (words.isPending) return <Skeleton rows={1} className="h-14" />;
  if (words.isError) {
    return <LoadProblem error={words.error} onRetry={() => void words.refetch()} />;
  }
  if (words.data.items.length === 0) return <p className="text-quiet">{t.words.none}</p>;
  return (
    <ul className="grid gap-3">
      {words.data.items.map((word) => (
        <WordLine key={word.id} word={word} />
      ))}
    </ul>
  );
}

function WordLine({ word }: { word: Word }) {
  const { t } = useLanguage();
  const [isEdited, setEdited] = useState(false);
  const editButton = useRef<HTMLButtonElement>(null);
  const wasEdited = useRef(false);
  useEffect(() => {
    if (wasEdited.current && !isEdited) editButton.current?.focus();
    wasEdited.current = isEdited;
  }, [isEdited]);
  const parsed = parseWord(word.kana);
  if (isEdited) {
    return (
      <li className="rounded-xl bg-sunk p-4">
        <WordForm word={word} onDone={() => setEdited(false)} />
      </li>
    );
  }
  return (
    <li className="flex items-center gap-1 rounded-xl bg-sunk p-2 ps-4">
      <div className="min-w-0 flex-1">
        <p lang="ja" className="break-words font-semibold">
          {word.surface}
        </p>
        {parsed.phrases && <AccentLine phrases={parsed.phrases} />}
      </div>
      <HearWord word={word} />
      <button
        ref={editButton}
        type="button"
        aria-label={t.words.edit(word.surface)}
        onClick={() => setEdited(true)}
        className={roundLook}
      >
        <Icon name="edit" />
      </button>
      <DeleteWord word={word} />
    </li>
  );
}

const roundLook = "grid size-11 shrink-0 place-items-center rounded-full text-mark hover:bg-tint";

function HearWord({ word }: { word: Word }) {
  const { t } = useLanguage();
  const sound = useSound();
  const toast = useToast();
  const toggle = async () => {
    if (sound.current) return sound.stop();
    try {
      await sound.play(word.id, (signal) => fetchPreview(VOICE, word.surface, "ja", signal));
    } catch (error) {
      toast(problemWords(t, asProblem(error)).what, "bad");
    }
  };
  const name = sound.current ? t.compose.voiceStop : t.words.hear(word.surface);
  return (
    <button type="button" aria-label={name} onClick={() => void toggle()} className={roundLook}>
      {sound.current?.state === "loading" ? (
        <Spinner />
      ) : (
        <Icon name={sound.current ? "stop" : "play"} />
      )}
    </button>
  );
}

function DeleteWord({ word }: { word: Word }) {
  const { t } = useLanguage();
  const queryClient = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: () =>
      api.DELETE("/api/v1/words/{word_id}", { params: { path: { word_id: word.id } } }),
    async onSuccess() {
      toast(t.words.deleted);
      await queryClient.invalidateQueries(wordsQuery);
      await queryClient.invalidateQueries({ queryKey: ["readings"] });
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <button
      type="button"
      aria-label={t.words.remove(word.surface)}
      onClick={() => !remove.isPending && remove.mutate()}
      className={roundLook}
    >
      {remove.isPending ? <Spinner /> : <Icon name="trash" />}
    </button>
  );
}
