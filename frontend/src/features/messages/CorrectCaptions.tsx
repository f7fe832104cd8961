import { Link } from "@tanstack/react-router";
import { useText } from "../../i18n";
import type { Message } from "../../lib/api";
import { buttonLook } from "../../ui/Button";
import { Icon } from "../../ui/Icon";

/** Leads to where captions are corrected by ear. */
export function CorrectCaptions({ message }: { message: Message }) {
  const t = useText();
  return (
    <Link to="/messages/$id/captions" params={{ id: message.id }} className={buttonLook("plain")}>
      <Icon name="captions" />
      {t.captions.correct}
    </Link>
  );
}
