/** What puts a campaign's columns into the script, and what is wrong with those in it. */

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useText } from "../../i18n";
import { campaignQuery } from "../../lib/campaigns";
import { HONORIFICS, writePlaceholder } from "../../lib/placeholders";
import { Button } from "../../ui/Button";
import { controlLook, Field, TextField } from "../../ui/Field";

interface PlaceholdersProps {
  campaignId: string;
  language: string;
  onInsert: (text: string) => void;
}

export function Placeholders({ campaignId, language, onInsert }: PlaceholdersProps) {
  const t = useText();
  const campaign = useQuery(campaignQuery(campaignId)).data;
  if (!campaign) return null;
  if (campaign.columns.length === 0) {
    return <p className="mt-3 text-quiet text-sm">{t.campaigns.template.noColumns}</p>;
  }
  return (
    <fieldset className="mt-3 grid gap-2">
      <legend className="mb-1.5 font-semibold text-sm">{t.campaigns.template.insert}</legend>
      <div className="flex flex-wrap gap-2">
        {campaign.columns.map((column) => (
          <button
            key={column}
            type="button"
            onClick={() => onInsert(writePlaceholder({ column }))}
            className="min-h-11 rounded-full border border-edge px-3.5 font-semibold text-sm hover:bg-tint"
          >
            {column}
          </button>
        ))}
      </div>
      <p className="text-quiet text-sm">{t.campaigns.template.insertHint}</p>
      <details>
        <summary className="min-h-11 py-2 font-semibold text-mark text-sm">
          {t.campaigns.template.more}
        </summary>
        <Wish columns={campaign.columns} language={language} onInsert={onInsert} />
      </details>
    </fieldset>
  );
}

interface WishProps {
  columns: readonly string[];
  language: string;
  onInsert: (text: string) => void;
}

function Wish({ columns, language, onInsert }: WishProps) {
  const t = useText();
  const [column, setColumn] = useState(columns[0] ?? "");
  const [honorific, setHonorific] = useState(language === "ja" ? "さん" : "");
  const [fallback, setFallback] = useState("");
  const put = (event: FormEvent | React.MouseEvent) => {
    event.preventDefault();
    onInsert(writePlaceholder({ column, honorific, fallback }));
  };
  return (
    <div className="mt-2 grid gap-3 rounded-xl bg-sunk p-4 sm:grid-cols-3">
      <Field label={t.campaigns.template.column}>
        {(control) => (
          <select
            {...control}
            value={column}
            onChange={(event) => setColumn(event.target.value)}
            className={controlLook}
          >
            {columns.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t.campaigns.template.honorific}>
        {(control) => (
          <select
            {...control}
            value={honorific}
            onChange={(event) => setHonorific(event.target.value)}
            className={controlLook}
          >
            <option value="">{t.campaigns.template.honorificNone}</option>
            {HONORIFICS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )}
      </Field>
      <TextField
        label={t.campaigns.template.fallback}
        hint={t.campaigns.template.fallbackHint}
        maxLength={100}
        value={fallback}
        onValue={setFallback}
      />
      <Button className="justify-self-start" onClick={put}>
        {t.campaigns.template.put}
      </Button>
    </div>
  );
}
