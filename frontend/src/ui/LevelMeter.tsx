/** How loud the microphone hears the speaker, as a bar and in words. */

import { useEffect, useState } from "react";
import { useText } from "../i18n";

/** Peaks in dBFS: below is quiet, above is nearly cut off. */
const QUIET_DB = -30;
const LOUD_DB = -2;
const FLOOR_DB = -60;
const FALL_DB_A_FRAME = 0.7;
/** How long a peak decides about the words: they must not flicker between two syllables. */
const WORDS_MS = 1500;

export type LevelVerdict = "tooQuiet" | "goodLevel" | "tooLoud";

export function verdictOf(peak_db: number): LevelVerdict {
  if (peak_db > LOUD_DB) return "tooLoud";
  return peak_db < QUIET_DB ? "tooQuiet" : "goodLevel";
}

interface LevelMeterProps {
  stream: MediaStream;
  /** The bar alone, where a picture leaves no room for words. */
  isBare?: boolean;
}

export function LevelMeter({ stream, isBare }: LevelMeterProps) {
  const t = useText();
  const { level_db, verdict } = useLevel(stream);
  return (
    <div className="w-full">
      <LevelBar
        level_db={level_db}
        verdict={verdict}
        className={isBare ? "h-1.5 bg-white/25" : "h-3.5 bg-sunk"}
      />
      {!isBare && (
        <p role="status" className="mt-1.5 text-quiet text-sm">
          {t.newVoice[verdict]}
        </p>
      )}
    </div>
  );
}

interface LevelBarProps {
  /** A peak in dBFS. */
  level_db: number;
  verdict: LevelVerdict;
  className: string;
}

export function LevelBar({ level_db, verdict, className }: LevelBarProps) {
  const t = useText();
  const width = Math.max(0, Math.min(100, ((level_db - FLOOR_DB) / -FLOOR_DB) * 100));
  const colour = { tooQuiet: "bg-edge", goodLevel: "bg-good", tooLoud: "bg-bad" }[verdict];
  return (
    // biome-ignore lint/a11y/useSemanticElements: no browser lets the bar of <meter> be drawn alike
    <div
      role="meter"
      aria-label={t.newVoice.level}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(width)}
      aria-valuetext={t.newVoice[verdict]}
      className={`overflow-hidden rounded-full ${className}`}
    >
      <div className={`h-full rounded-full ${colour}`} style={{ width: `${width}%` }} />
    </div>
  );
}

function useLevel(stream: MediaStream): { level_db: number; verdict: LevelVerdict } {
  const [level_db, setLevel] = useState(FLOOR_DB);
  const [verdict, setVerdict] = useState<LevelVerdict>("tooQuiet");
  useEffect(() => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let shown_db = FLOOR_DB;
    let loudest_db = FLOOR_DB;
    let decided = performance.now();
    let frame = 0;
    const look = () => {
      analyser.getFloatTimeDomainData(samples);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      const peak_db = 20 * Math.log10(Math.max(peak, 0.001));
      shown_db = Math.max(peak_db, shown_db - FALL_DB_A_FRAME);
      loudest_db = Math.max(loudest_db, peak_db);
      setLevel(shown_db);
      if (performance.now() - decided > WORDS_MS) {
        setVerdict(verdictOf(loudest_db));
        loudest_db = FLOOR_DB;
        decided = performance.now();
      }
      frame = requestAnimationFrame(look);
    };
    frame = requestAnimationFrame(look);
    return () => {
      cancelAnimationFrame(frame);
      void context.close();
    };
  }, [stream]);
  return { level_db, verdict };
}
