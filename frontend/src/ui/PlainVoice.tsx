/** Says plainly that the voice which reads here is a simple one, and what helps. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useText } from "../i18n";
import { statusQuery } from "../lib/queries";
import { tolerant } from "../lib/storage";
import { Button } from "./Button";
import { Notice } from "./Notice";

const READ = "plain-voice-read";

/** Nothing where the voices are natural ones, while nobody knows, or once somebody has read it. */
export function PlainVoice() {
  const t = useText().plainVoice;
  const status = useQuery(statusQuery);
  const [isRead, setRead] = useState(() => tolerant((held) => held.getItem(READ)) !== null);
  const speech = status.data?.speech;
  if (!speech?.ready || isRead) return null;
  const isPlainBase = !speech.neural_base.ready;
  const isPlainEngine = speech.engine === "world";
  if (!isPlainBase && !isPlainEngine) return null;
  const markRead = () => {
    tolerant((held) => held.setItem(READ, "1"));
    setRead(true);
  };
  return (
    <Notice title={isPlainBase ? t.base : t.engine}>
      <p className="text-sm">{isPlainBase ? t.baseText : t.engineText}</p>
      <details className="mt-2 text-sm">
        <summary className="font-semibold">{t.helps}</summary>
        <p className="mt-1">
          {isPlainBase && isPlainEngine && `${t.engineToo} `}
          {t.operator}
        </p>
        <p className="mt-2 flex flex-wrap gap-x-4 gap-y-2">
          <Link to="/system" className="font-semibold text-mark underline">
            {t.more}
          </Link>
          <Link to="/account/api-keys" className="font-semibold text-mark underline">
            {t.speechToSpeech}
          </Link>
        </p>
      </details>
      <Button className="mt-3" onClick={markRead}>
        {t.read}
      </Button>
    </Notice>
  );
}
