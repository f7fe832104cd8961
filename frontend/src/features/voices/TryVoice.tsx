/** Lets a voice say a sentence of the reader's own. */

import { useState } from "react";
import { useLanguage } from "../../i18n";
import { fetchPreview } from "../../lib/previews";
import { asProblem, sortByField, type Words, wordsFor } from "../../lib/problems";
import { useSound } from "../../lib/sound";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";

const LIMIT = 300;

export function TryVoice({
  voiceId,
  languages,
}: {
  voiceId: string;
  languages: readonly string[];
}) {
  const { t } = useLanguage();
  const [language, setLanguage] = useState(languages[0] ?? "en");
  const [typed, setTyped] = useState<string | null>(null);
  const [problem, setProblem] = useState<Words | undefined>();
  const sound = useSound();
  const sentence = typed ?? t.voices.trySentence[language] ?? "";

  const hear = async () => {
    if (sound.current) return sound.stop();
    if (!sentence.trim()) return setProblem(wordsFor(t, "script_empty"));
    setProblem(undefined);
    try {
      await sound.play(voiceId, (signal) => fetchPreview(voiceId, sentence, language, signal));
    } catch (error) {
      const told = sortByField(t, asProblem(error), { text: "text" as const });
      setProblem(told.fields.text ?? told.rest ?? undefined);
    }
  };
  const isLoading = sound.current?.state === "loading";
  return (
    <form
      noValidate
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void hear();
      }}
    >
      <Field label={t.voices.tryField} problem={problem}>
        {(control) => (
          <textarea
            {...control}
            lang={language}
            rows={2}
            maxLength={LIMIT}
            value={sentence}
            onChange={(event) => setTyped(event.target.value)}
            className="w-full resize-y rounded-xl border border-edge bg-card px-4 py-3 leading-relaxed aria-invalid:border-2 aria-invalid:border-bad"
          />
        )}
      </Field>
      <div className="flex flex-wrap gap-3">
        <Button
          type="submit"
          look="primary"
          icon={sound.current ? "stop" : "play"}
          busy={isLoading}
        >
          {isLoading ? t.voices.loadingSound : sound.current ? t.voices.stop : t.voices.hear}
        </Button>
        {languages.length > 1 && (
          <select
            aria-label={t.compose.language}
            value={language}
            onChange={(event) => setLanguage(event.target.value)}
            className="min-h-11 rounded-xl border border-edge bg-card px-3"
          >
            {languages.map((code) => (
              <option key={code} value={code}>
                {t.languages[code] ?? code}
              </option>
            ))}
          </select>
        )}
      </div>
    </form>
  );
}
