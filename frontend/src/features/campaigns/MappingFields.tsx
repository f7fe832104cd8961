/** What the columns of a list are used for; each choice is saved at once. */

import { useQuery } from "@tanstack/react-query";
import { useText } from "../../i18n";
import type { Campaign, CampaignMapping } from "../../lib/api";
import { controlLook, Field } from "../../ui/Field";
import { Card } from "../../ui/Page";
import { useCampaignChange } from "./changes";
import { templateQuery } from "./queries";

export function MappingFields({ campaign }: { campaign: Campaign }) {
  const t = useText();
  const change = useCampaignChange(campaign);
  const template = useQuery(templateQuery(campaign.template_message_id)).data;
  // What was just chosen is shown until the server has said the same.
  const mapping = (change.isPending && change.variables.mapping) || campaign.mapping;
  const set = (changes: CampaignMapping) => change.mutate({ mapping: { ...mapping, ...changes } });
  const { list } = t.campaigns;
  return (
    <Card className="grid gap-4">
      <div>
        <h2 className="font-bold text-lg">{list.columns}</h2>
        <p className="mt-1 text-quiet">{list.columnsText}</p>
      </div>
      <div className="grid gap-4 sm:grid-cols-2">
        <ColumnField
          label={list.name}
          columns={campaign.columns}
          value={mapping.name ?? null}
          onValue={(name) => set({ name })}
        />
        <ColumnField
          label={list.email}
          columns={campaign.columns}
          value={mapping.email ?? null}
          onValue={(email) => set({ email })}
        />
        {template?.language === "ja" &&
          namesOf(mapping).map((column) => (
            <ColumnField
              key={column}
              label={list.readingOf(column)}
              hint={list.readingHint}
              columns={campaign.columns.filter((other) => other !== column)}
              value={mapping.readings?.[column] ?? null}
              onValue={(kana) => set({ readings: withReading(mapping.readings, column, kana) })}
            />
          ))}
      </div>
      {mapping.email && (
        <label className="flex items-start gap-3">
          <input
            type="checkbox"
            checked={mapping.same_address !== "each"}
            onChange={(event) => set({ same_address: event.target.checked ? "once" : "each" })}
            className="mt-1 size-5 shrink-0 accent-mark"
          />
          <span>
            <span className="block font-semibold">{list.once}</span>
            <span className="block text-quiet text-sm">{list.onceHint}</span>
          </span>
        </label>
      )}
      <p role="status" className="sr-only">
        {change.isSuccess && list.saved}
      </p>
    </Card>
  );
}

/** The columns that hold names: the one that is marked, and those that have a reading already. */
const namesOf = ({ name, readings }: CampaignMapping): string[] => [
  ...new Set([...(name ? [name] : []), ...Object.keys(readings ?? {})]),
];

function withReading(
  readings: CampaignMapping["readings"],
  column: string,
  kana: string | null,
): Record<string, string> {
  const { [column]: _before, ...rest } = readings ?? {};
  return kana ? { ...rest, [column]: kana } : rest;
}

interface ColumnFieldProps {
  label: string;
  hint?: string;
  columns: readonly string[];
  value: string | null;
  onValue: (column: string | null) => void;
}

function ColumnField({ label, hint, columns, value, onValue }: ColumnFieldProps) {
  const t = useText();
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <select
          {...control}
          value={value ?? ""}
          onChange={(event) => onValue(event.target.value || null)}
          className={controlLook}
        >
          <option value="">{t.campaigns.list.none}</option>
          {columns.map((column) => (
            <option key={column} value={column}>
              {column}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
