/** A word and its reading, to be added or changed. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import { api, bodyOf, type Word } from "../../lib/api";
import { useFirstProblem } from "../../lib/firstProblem";
import { parseWord } from "../../lib/kana";
import { asProblem, sortByField, type Words, wordsFor } from "../../lib/problems";
import { AccentLine } from "../../ui/AccentLine";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { WordsNotice } from "../../ui/Notice";
import { useToast } from "../../ui/Toasts";
import { wordsQuery } from "./queries";

const FIELDS = { surface: "surface", kana: "kana" } as const;

interface WordFormProps {
  word: Word | null;
  onDone?: () => void;
}

export function WordForm({ word, onDone }: WordFormProps) {
  const { t } = useLanguage();
  const form = useRef<HTMLFormElement>(null);
  const [surface, setSurface] = useState(word?.surface ?? "");
  const [kana, setKana] = useState(word?.kana ?? "");
  const [isTried, setTried] = useState(false);
  const queryClient = useQueryClient();
  const toast = useToast();
  const keep = useMutation({
    mutationFn() {
      const body = { surface: surface.trim(), kana: kana.trim() };
      return bodyOf(
        word
          ? api.PUT("/api/v1/words/{word_id}", { params: { path: { word_id: word.id } }, body })
          : api.POST("/api/v1/words", { body }),
      );
    },
    async onSuccess() {
      toast(t.words.saved);
      setTried(false);
      if (!word) {
        setSurface("");
        setKana("");
      }
      await queryClient.invalidateQueries(wordsQuery);
      await queryClient.invalidateQueries({ queryKey: ["readings"] });
      onDone?.();
    },
  });
  const goToProblem = useFirstProblem(form, keep.error);
  const told = sortByField(t, keep.isError ? asProblem(keep.error) : null, FIELDS);
  const parsed = parseWord(kana);
  const missing = { what: t.common.requiredMissing, fix: "" };
  const unread: Words | undefined = parsed.problem ? wordsFor(t, parsed.problem.code) : undefined;
  const unreadNow = kana.trim() || isTried ? unread : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (keep.isPending) return;
    if (surface.trim() && !parsed.problem) keep.mutate();
    else goToProblem();
  };
  /** A change mends the field: its problem goes until the server says otherwise. */
  const change = (set: (value: string) => void) => (value: string) => {
    if (keep.isError) keep.reset();
    set(value);
  };
  return (
    <form ref={form} onSubmit={submit} noValidate className="grid gap-4">
      <WordsNotice words={told.rest} />
      <TextField
        label={t.words.surface}
        lang="ja"
        placeholder={t.words.surfacePlaceholder}
        maxLength={40}
        value={surface}
        onValue={change(setSurface)}
        problem={told.fields.surface ?? (isTried && !surface.trim() ? missing : undefined)}
      />
      <TextField
        label={t.words.kana}
        hint={t.words.kanaHint}
        lang="ja"
        autoCapitalize="off"
        autoComplete="off"
        spellCheck={false}
        placeholder={t.words.kanaPlaceholder}
        maxLength={200}
        value={kana}
        onValue={change(setKana)}
        problem={told.fields.kana ?? unreadNow}
      />
      {parsed.phrases && <AccentLine phrases={parsed.phrases} />}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" look="primary" busy={keep.isPending}>
          {t.words.save}
        </Button>
        {onDone && <Button onClick={onDone}>{t.common.cancel}</Button>}
      </div>
    </form>
  );
}
