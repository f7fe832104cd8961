/** The one time that a secret is shown. */

import { useEffect, useRef } from "react";
import { useText } from "../../i18n";
import type { MadeWebhook } from "../../lib/api";
import { Button } from "../../ui/Button";
import { Copyable } from "../../ui/Copyable";
import { Notice } from "../../ui/Notice";
import { Card } from "../../ui/Page";
import { receiverExample } from "./receiver";

export function MadeSecret({ made, onDone }: { made: MadeWebhook; onDone: () => void }) {
  const t = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone: what came of it is read out instead.
  useEffect(() => heading.current?.focus(), []);
  return (
    <Card className="grid gap-5">
      <h2 ref={heading} tabIndex={-1} className="font-bold text-lg">
        {t.webhooks.madeTitle}
      </h2>
      <p translate="no" className="break-all text-quiet">
        {made.url}
      </p>
      <Notice tone="warn" title={t.webhooks.once}>
        {t.webhooks.onceText}
      </Notice>
      <Copyable label={t.webhooks.secret} text={made.secret} />
      <Copyable label={t.webhooks.receiver} text={receiverExample(made.secret)} />
      <Button className="justify-self-start" onClick={onDone}>
        {t.webhooks.done}
      </Button>
    </Card>
  );
}
