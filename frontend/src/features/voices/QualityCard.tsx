/** What the recording is like, in words, and the one thing that would make it better. */

import { useLanguage } from "../../i18n";
import { Icon } from "../../ui/Icon";
import type { QualityReport } from "./report";

const tones = {
  good: { box: "bg-good-tint", mark: "text-good", icon: "check" },
  usable: { box: "bg-warn-tint", mark: "text-warn", icon: "info" },
  poor: { box: "bg-bad-tint", mark: "text-bad", icon: "alert" },
} as const;

export function QualityCard({ report }: { report: QualityReport }) {
  const { t, format } = useLanguage();
  const tone = tones[report.verdict];
  const facts: [string, string | undefined][] = [
    [t.report.speech, report.voiced_s === null ? undefined : format.length(report.voiced_s)],
    [t.report.room, report.room ? t.report.rooms[report.room] : undefined],
    [t.report.level, report.level ? t.report.levels[report.level] : undefined],
    [t.report.clipping, report.clipping ? t.report.clippings[report.clipping] : undefined],
  ];
  return (
    <div className={`rounded-2xl p-5 ${tone.box}`}>
      <p className="flex items-center gap-2.5 font-bold text-lg">
        <Icon name={tone.icon} className={`size-6 ${tone.mark}`} />
        {t.report.verdicts[report.verdict]}
      </p>
      <p className="mt-1">
        {t.report.advice[report.advice] ?? (report.adviceText || t.report.advice.none)}
      </p>
      <dl className="mt-4 grid grid-cols-2 gap-x-4 gap-y-3 sm:grid-cols-4">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt className="text-quiet text-sm">{name}</dt>
                <dd className="font-semibold">{value}</dd>
              </div>
            ),
        )}
      </dl>
    </div>
  );
}
