/** Buttons, and links that look like them. */

import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Icon, type IconName } from "./Icon";
import { Spinner } from "./Spinner";

type Look = "primary" | "plain" | "quiet" | "danger";

const shape =
  "inline-flex min-h-11 items-center justify-center gap-2 rounded-xl px-4 py-2 text-center font-semibold leading-tight transition-colors disabled:opacity-60 aria-disabled:opacity-60";
const looks: Record<Look, string> = {
  primary: "bg-mark text-mark-ink hover:bg-mark-deep",
  plain: "border border-edge bg-card text-ink hover:bg-sunk",
  quiet: "text-mark hover:bg-tint",
  danger: "border border-bad text-bad hover:bg-bad-tint",
};

export const buttonLook = (look: Look = "plain", extra = ""): string =>
  `${shape} ${looks[look]} ${extra}`;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: IconName;
  /** Shows a turning ring and keeps the button from being pressed twice. */
  busy?: boolean;
  children: ReactNode;
}

export function Button({ look, icon, busy, children, className, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      // Not `disabled`: the focus would be lost while the work goes on.
      aria-disabled={busy || rest["aria-disabled"]}
      onClick={busy ? (event) => event.preventDefault() : onClick}
      className={buttonLook(look, className)}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
