/** A campaign's name, changed where it stands. */

import { type FormEvent, useEffect, useRef, useState } from "react";
import { useText } from "../../i18n";
import type { Campaign } from "../../lib/api";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/Field";
import { useCampaignChange } from "./changes";

export function CampaignName({ campaign }: { campaign: Campaign }) {
  const t = useText();
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !isOpen) opener.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  if (isOpen) return <NameForm campaign={campaign} onDone={() => setOpen(false)} />;
  return (
    <button
      ref={opener}
      type="button"
      onClick={() => setOpen(true)}
      className="min-h-11 rounded-xl px-3 font-semibold text-mark hover:bg-tint"
    >
      {t.campaigns.rename}
    </button>
  );
}

function NameForm({ campaign, onDone }: { campaign: Campaign; onDone: () => void }) {
  const t = useText();
  const [name, setName] = useState(campaign.name);
  const change = useCampaignChange(campaign);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && !change.isPending)
      change.mutate({ name: name.trim() }, { onSuccess: onDone });
  };
  return (
    <form onSubmit={submit} className="flex w-full flex-wrap items-end gap-2">
      <div className="min-w-56 flex-1">
        <TextField
          label={t.campaigns.name}
          autoFocus
          required
          maxLength={200}
          value={name}
          onValue={setName}
        />
      </div>
      <Button type="submit" look="primary" busy={change.isPending}>
        {t.common.save}
      </Button>
      <Button onClick={onDone}>{t.common.cancel}</Button>
    </form>
  );
}
