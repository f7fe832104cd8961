/** What is heard in a recorded message: its own sound, or a voice that speaks a text instead. */

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useLanguage } from "../i18n";
import { useVoiceIntent } from "../lib/intent";
import { asProblem, problemWords, type Words } from "../lib/problems";
import { baseVoicesQuery, voicesQuery } from "../lib/queries";
import type { RecordingContent, RecordingField } from "../lib/recordings";
import { FieldProblem } from "./Field";
import { LaneNotice } from "./LaneNotice";
import { LanguageField } from "./LanguageField";
import { ScriptField } from "./ScriptField";
import { defaultVoice, speaks, VoiceField } from "./VoiceField";
import { Way } from "./Way";

interface SoundFieldProps {
  content: RecordingContent;
  problems: Partial<Record<RecordingField, Words>>;
  onChange: (field: RecordingField, changes: Partial<RecordingContent>) => void;
}

export function SoundField(props: SoundFieldProps) {
  const { content, onChange } = props;
  const { t } = useLanguage();
  const id = useId();
  const choose = useVoiceChoice(content.language, (voice) => onChange("voice", { voice }));
  const isReplaced = content.voice !== null;
  return (
    <div className="grid gap-5">
      <fieldset aria-describedby={`${id}-problem`}>
        <legend className="mb-1.5 font-semibold">{t.recorded.sound}</legend>
        <div className="grid gap-2.5">
          <Way
            group={id}
            name={t.recorded.soundKept}
            isChosen={!isReplaced && !choose.isLooking}
            onChoose={() => onChange("voice", { voice: null })}
          />
          <Way
            group={id}
            name={t.recorded.soundReplaced}
            note={t.recorded.soundFitted}
            isChosen={isReplaced || choose.isLooking}
            isBusy={choose.isLooking}
            onChoose={() => void choose.begin()}
          />
        </div>
        <FieldProblem id={`${id}-problem`} problem={choose.words} />
      </fieldset>
      {isReplaced && <Voiceover {...props} />}
    </div>
  );
}

/** The first voice that fits; asked for only when somebody wants one. */
function useVoiceChoice(language: string, onVoice: (voice: string) => void) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const [isLooking, setLooking] = useState(false);
  const [words, setWords] = useState<Words>();
  const begin = async () => {
    setLooking(true);
    setWords(undefined);
    try {
      const [own, base] = await Promise.all([
        client.ensureQueryData(voicesQuery),
        client.ensureQueryData(baseVoicesQuery),
      ]);
      const voice = defaultVoice(own.items, base.items, language);
      if (voice) onVoice(voice);
      else setWords({ what: t.compose.voiceNone, fix: "" });
    } catch (error) {
      setWords(problemWords(t, asProblem(error)));
    } finally {
      setLooking(false);
    }
  };
  return { begin, isLooking, words };
}

/** The words, their language and who speaks them. */
function Voiceover({ content, problems, onChange }: SoundFieldProps) {
  const client = useQueryClient();
  useVoiceIntent();
  const { voice, language, script } = content;
  const changeLanguage = (wished: string) => {
    const own = client.getQueryData(voicesQuery.queryKey)?.items ?? [];
    const base = client.getQueryData(baseVoicesQuery.queryKey)?.items ?? [];
    const isFit = voice !== null && speaks(voice, wished, own, base);
    const other = isFit ? voice : defaultVoice(own, base, wished);
    // Without a voice it would be the recorded sound again, and nobody has said so.
    onChange("language", { language: wished, voice: other ?? voice });
  };
  return (
    <>
      <ScriptField
        value={script}
        language={language}
        problem={problems.script}
        onValue={(changed) => onChange("script", { script: changed })}
        onLanguage={changeLanguage}
      />
      <LanguageField value={language} problem={problems.language} onValue={changeLanguage} />
      <VoiceField
        value={voice}
        language={language}
        script={script}
        problem={problems.voice}
        onValue={(chosen) => onChange("voice", { voice: chosen })}
      />
      <LaneNotice />
    </>
  );
}
