/** Text to be taken elsewhere: it can be copied by a button, or marked by hand. */

import { useText } from "../i18n";
import { copyText } from "../lib/clipboard";
import { Button } from "./Button";
import { useToast } from "./Toasts";

export function Copyable({ label, text }: { label: string; text: string }) {
  const t = useText();
  const toast = useToast();
  const copy = async () => {
    try {
      await copyText(text);
      toast(t.common.copied);
    } catch {
      toast(t.apiKeys.copyByHand, "bad"); // no clipboard here: it stands there to be marked
    }
  };
  return (
    <figure className="grid gap-1.5">
      <figcaption className="flex items-center justify-between gap-3 font-semibold text-sm">
        {label}
        <Button
          look="quiet"
          icon="copy"
          aria-label={t.apiKeys.copy(label)}
          onClick={() => void copy()}
        >
          {t.apiKeys.copyShort}
        </Button>
      </figcaption>
      <pre className="select-all whitespace-pre-wrap break-all rounded-xl bg-sunk p-4 text-sm">
        <code translate="no">{text}</code>
      </pre>
    </figure>
  );
}
