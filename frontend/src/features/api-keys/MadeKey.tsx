/** The one time that a key is shown. */

import { useEffect, useRef } from "react";
import { type Locale, useLanguage } from "../../i18n";
import type { MadeApiKey } from "../../lib/api";
import { Button } from "../../ui/Button";
import { Copyable } from "../../ui/Copyable";
import { Notice } from "../../ui/Notice";
import { Card } from "../../ui/Page";
import { curlExample, messagesExample, pythonExample } from "./examples";

export function MadeKey({ made, onDone }: { made: MadeApiKey; onDone: () => void }) {
  const { t, locale } = useLanguage();
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone: what came of it is read out instead.
  useEffect(() => heading.current?.focus(), []);
  const examples = examplesFor(made, locale, location.origin);
  return (
    <Card className="grid gap-5">
      <h2 ref={heading} tabIndex={-1} className="font-bold text-lg">
        {t.apiKeys.madeTitle(made.name)}
      </h2>
      <Notice tone="warn" title={t.apiKeys.once}>
        {t.apiKeys.onceText}
      </Notice>
      <Copyable label={t.apiKeys.key} text={made.key} />
      {examples.length > 0 && <h3 className="font-semibold">{t.apiKeys.tryIt}</h3>}
      {examples.map(([label, text]) => (
        <Copyable key={label} label={label} text={text} />
      ))}
      <p className="text-quiet text-sm">
        {made.scopes.includes("voices") && `${t.apiKeys.voices} `}
        <a href="/docs" className="font-semibold text-mark underline">
          {t.apiKeys.docs}
        </a>
      </p>
      <Button className="justify-self-start" onClick={onDone}>
        {t.apiKeys.done}
      </Button>
    </Card>
  );
}

/** Only what the key may do: an example that is refused teaches nothing. */
function examplesFor({ key, scopes }: MadeApiKey, locale: Locale, address: string) {
  const examples: [string, string][] = [];
  if (scopes.includes("speech")) {
    examples.push(["curl", curlExample(locale, address, key)]);
    examples.push(["Python", pythonExample(locale, address, key)]);
  } else if (scopes.includes("messages:read")) {
    examples.push(["curl", messagesExample(address, key)]);
  }
  return examples;
}
