/** Reads the speech service's verdict on a sample, whose shape is the service's own. */

export interface QualityReport {
  verdict: "good" | "usable" | "poor";
  advice: string;
  adviceText: string;
  voiced_s: number | null;
  room: "quiet" | "some" | "loud" | null;
  level: "low" | "good" | "high" | null;
  clipping: "none" | "some" | null;
}

/** Signal-to-noise ratios, in dB, between which a room is called quiet, so-so and noisy. */
const QUIET_ROOM_DB = 25;
const LOUD_ROOM_DB = 15;
const LOW_LEVEL_DBFS = -33;
const HIGH_LEVEL_DBFS = -9;
/** A few clipped samples in a thousand cannot be heard. */
const AUDIBLE_CLIPPING = 0.001;

const numberOrNull = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

export function readReport(report: Record<string, unknown> | null): QualityReport | null {
  if (!report) return null;
  const { verdict } = report;
  if (verdict !== "good" && verdict !== "usable" && verdict !== "poor") return null;
  const snr_db = numberOrNull(report.snr_db);
  const level_dbfs = numberOrNull(report.level_dbfs);
  const clipped = numberOrNull(report.clipped_fraction);
  return {
    verdict,
    advice: typeof report.advice === "string" ? report.advice : "none",
    adviceText: typeof report.advice_text === "string" ? report.advice_text : "",
    voiced_s: numberOrNull(report.voiced_s),
    room:
      snr_db === null
        ? null
        : snr_db >= QUIET_ROOM_DB
          ? "quiet"
          : snr_db >= LOUD_ROOM_DB
            ? "some"
            : "loud",
    level:
      level_dbfs === null
        ? null
        : level_dbfs < LOW_LEVEL_DBFS
          ? "low"
          : level_dbfs > HIGH_LEVEL_DBFS
            ? "high"
            : "good",
    clipping: clipped === null ? null : clipped > AUDIBLE_CLIPPING ? "some" : "none",
  };
}
