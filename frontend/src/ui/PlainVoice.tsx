/** Says plainly that the voice which reads here is a simple one, and what helps. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useText } from "../i18n";
import { statusQuery } from "../lib/queries";
import { Button } from "./Button";
import { Notice } from "./Notice";

const READ = "plain-voice-read";

/** Nothing where the voices are natural ones, while nobody knows, or once somebody has read it. */
export function PlainVoice() {
  const t = useText().plainVoice;
  const status = useQuery(statusQuery);
  const [isRead, setRead] = useState(() => wasRead());
  const speech = status.data?.speech;
  if (!speech?.ready || isRead) return null;
  const isPlainBase = !speech.neural_base.ready;
  const isPlainEngine = speech.engine === "world";
  if (!isPlainBase && !isPlainEngine) return null;
  const markRead = () => {
    remember();
    setRead(true);
  };
  return (
    <Notice title={isPlainBase ? t.base : t.engine}>
      <p>{isPlainBase ? t.baseText : t.engineText}</p>
      <p className="mt-1">
        {isPlainBase && isPlainEngine && `${t.engineToo} `}
        {t.operator}
      </p>
      <p className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
        <Link to="/system" className="font-semibold text-mark underline">
          {t.more}
        </Link>
        <Link to="/account/api-keys" className="font-semibold text-mark underline">
          {t.speechToSpeech}
        </Link>
        <Button onClick={markRead}>{t.read}</Button>
      </p>
    </Notice>
  );
}

/** A browser without storage shows it again: that is no harm. */
function wasRead(): boolean {
  try {
    return localStorage.getItem(READ) !== null;
  } catch {
    return false;
  }
}

function remember(): void {
  try {
    localStorage.setItem(READ, "1");
  } catch {
    // It comes again with the next page.
  }
}
