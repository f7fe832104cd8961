/** A message's state as a small coloured word. */

import { useLanguage } from "../../i18n";
import type { Message } from "../../lib/api";
import { isInWork } from "./queries";

const looks: Partial<Record<Message["state"], string>> = {
  ready: "bg-good-tint text-good",
  failed: "bg-bad-tint text-bad",
};

export function StateMark({ message }: { message: Pick<Message, "state" | "progress"> }) {
  const { t, format } = useLanguage();
  const look =
    looks[message.state] ?? (isInWork(message) ? "bg-tint text-mark" : "bg-sunk text-quiet");
  return (
    <span className={`rounded-full px-2.5 py-0.5 font-semibold ${look}`}>
      {t.states[message.state]}
      {isInWork(message) &&
        ` ${t.messages.progress(format.integer(Math.floor(message.progress.percent)))}`}
    </span>
  );
}
