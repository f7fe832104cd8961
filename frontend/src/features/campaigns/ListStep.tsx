/** The list: given as a file or pasted, told what was found in it, its columns mapped. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type DragEvent, type FormEvent, useRef, useState } from "react";
import { useLanguage, useText } from "../../i18n";
import type { Campaign } from "../../lib/api";
import { Button, buttonLook } from "../../ui/Button";
import { Field, FieldProblem } from "../../ui/Field";
import { FileInput } from "../../ui/FileInput";
import { Icon } from "../../ui/Icon";
import { Card } from "../../ui/Page";
import { Spinner } from "../../ui/Spinner";
import { encodingName, type GivenList, useGiveList } from "./lists";
import { MappingFields } from "./MappingFields";
import { isPersonal } from "./MessageStep";
import { NextBar } from "./NextBar";
import { templateQuery } from "./queries";

export function ListStep({ campaign }: { campaign: Campaign }) {
  const t = useText();
  const [isReplacing, setReplacing] = useState(false);
  const isGiven = campaign.imported !== null && !isReplacing;
  return (
    <div className="grid gap-5">
      {isGiven ? (
        <>
          <Found campaign={campaign} onReplace={() => setReplacing(true)} />
          <MappingFields campaign={campaign} />
        </>
      ) : (
        // Should somebody else give one meanwhile, what was typed here stays.
        <GiveList
          campaign={campaign}
          onGive={() => setReplacing(true)}
          onGiven={() => setReplacing(false)}
        >
          {campaign.imported && (
            <Button onClick={() => setReplacing(false)}>{t.common.cancel}</Button>
          )}
        </GiveList>
      )}
      {isGiven && <Next campaign={campaign} />}
    </div>
  );
}

function Next({ campaign }: { campaign: Campaign }) {
  const t = useText();
  const template = useQuery(templateQuery(campaign.template_message_id)).data;
  const isToWrite = template !== undefined && !isPersonal(template);
  return (
    <NextBar told={isToWrite ? t.campaigns.template.noPlaceholderShort : null}>
      <Link
        to="/campaigns/$id"
        params={{ id: campaign.id }}
        search={{ step: "check" }}
        className={buttonLook(isToWrite ? "plain" : "primary")}
      >
        {t.campaigns.next.check}
      </Link>
      {isToWrite && (
        <Link to="/messages/$id" params={{ id: template.id }} className={buttonLook("primary")}>
          <Icon name="edit" />
          {t.campaigns.next.names}
        </Link>
      )}
    </NextBar>
  );
}

// --- giving ----------------------------------------------------------------------------------

interface GiveListProps {
  campaign: Campaign;
  onGive: () => void;
  onGiven: () => void;
  children: React.ReactNode;
}

function GiveList({ campaign, onGive, onGiven, children }: GiveListProps) {
  const t = useText();
  const { give, isGiving, problem } = useGiveList(campaign);
  const take = (given: GivenList) => {
    if (isGiving) return;
    onGive();
    give(given, { onSuccess: onGiven });
  };
  return (
    <Card className="grid gap-4">
      <div>
        <h2 className="font-bold text-lg">{t.campaigns.list.title}</h2>
        <p className="mt-1 text-quiet">
          {campaign.imported ? t.campaigns.list.replaceHint : t.campaigns.list.text}
        </p>
      </div>
      <FilePlace isBusy={isGiving} onFile={take} />
      <FieldProblem id="list-problem" problem={problem} />
      <Paste isBusy={isGiving} onText={take} />
      <div className="empty:hidden">{children}</div>
    </Card>
  );
}

function FilePlace({ isBusy, onFile }: { isBusy: boolean; onFile: (file: File) => void }) {
  const t = useText();
  const chooser = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onFile(dropped);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the button does the same
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`grid justify-items-center gap-3 rounded-2xl border-2 border-dashed bg-sunk p-7 text-center ${isOver ? "border-mark" : "border-edge"}`}
    >
      <Icon name="file" className="size-9 text-mark" />
      <p className="hidden text-quiet pointer-fine:block">{t.campaigns.list.drop}</p>
      <Button
        icon="file"
        look="primary"
        busy={isBusy}
        aria-describedby="list-problem"
        onClick={() => chooser.current?.click()}
      >
        {isBusy ? t.campaigns.list.reading : t.campaigns.list.choose}
      </Button>
      <FileInput ref={chooser} accept=".csv,.tsv,.txt,.xlsx,text/csv" onFile={onFile} />
    </div>
  );
}

function Paste({ isBusy, onText }: { isBusy: boolean; onText: (text: string) => void }) {
  const t = useText();
  const [text, setText] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim()) onText(text);
  };
  return (
    <details>
      <summary className="min-h-11 py-2 font-semibold text-mark">{t.campaigns.list.paste}</summary>
      <form onSubmit={submit} className="mt-2 grid gap-3">
        <Field label={t.campaigns.list.pasteField}>
          {(control) => (
            <textarea
              {...control}
              rows={6}
              value={text}
              spellCheck={false}
              placeholder={t.campaigns.list.pasteExample}
              onChange={(event) => setText(event.target.value)}
              className="w-full resize-y rounded-xl border border-edge bg-card px-4 py-3 font-mono text-sm placeholder:text-quiet"
            />
          )}
        </Field>
        <Button type="submit" className="justify-self-start" aria-disabled={isBusy}>
          {isBusy && <Spinner />}
          {t.campaigns.list.take}
        </Button>
      </form>
    </details>
  );
}

// --- what was found --------------------------------------------------------------------------

function Found({ campaign, onReplace }: { campaign: Campaign; onReplace: () => void }) {
  const { t, format } = useLanguage();
  const { imported } = campaign;
  if (!imported) return null;
  const { list } = t.campaigns;
  const facts = [
    list.from[imported.format],
    imported.encoding && list.encoding(encodingName(imported.encoding)),
    imported.delimiter && list.delimiter(list.delimiters[imported.delimiter] ?? imported.delimiter),
  ].filter(Boolean);
  const size = list.found(
    format.integer(imported.row_count),
    format.integer(campaign.columns.length),
  );
  return (
    <Card>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h2 className="flex items-center gap-2 font-bold text-lg">
            <Icon name="check" className="text-good" />
            {size}
          </h2>
          <p className="mt-1 text-quiet text-sm">{facts.join(" · ")}</p>
        </div>
        <Button icon="file" onClick={onReplace}>
          {list.replace}
        </Button>
      </div>
      <ul className="mt-3 grid gap-1.5 empty:hidden">
        {imported.notes.map((note) => (
          <li key={note} className="flex gap-2 text-sm">
            <Icon name="info" className="mt-0.5 size-4 text-quiet" />
            {list.notes[note] ?? note}
          </li>
        ))}
      </ul>
    </Card>
  );
}
