/** For how long something goes on beside what takes its place. */

import { useText } from "../i18n";
import { Field } from "./Field";

export const OVERLAPS_S = { now: 0, hour: 3600, day: 24 * 3600, week: 7 * 24 * 3600 };
export type Overlap = keyof typeof OVERLAPS_S;

interface OverlapFieldProps {
  label: string;
  value: Overlap;
  onValue: (overlap: Overlap) => void;
}

export function OverlapField({ label, value, onValue }: OverlapFieldProps) {
  const t = useText();
  return (
    <Field label={label}>
      {(control) => (
        <select
          {...control}
          value={value}
          onChange={(event) => onValue(event.target.value as Overlap)}
          className="min-h-12 w-full rounded-xl border border-edge bg-card px-3"
        >
          {(Object.keys(OVERLAPS_S) as Overlap[]).map((each) => (
            <option key={each} value={each}>
              {t.apiKeys.overlaps[each]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
