import { useText } from "../i18n";

export function Brand() {
  const t = useText();
  return (
    <span className="flex items-center gap-2.5 whitespace-nowrap font-bold text-lg">
      <svg viewBox="0 0 32 32" aria-hidden="true" className="size-9">
        <rect width="32" height="32" rx="10" className="fill-mark" />
        <path
          d="M8 14v4M12 10.5v11M16 7.5v17M20 11v10M24 14v4"
          className="stroke-mark-ink"
          strokeWidth="2.6"
          strokeLinecap="round"
        />
      </svg>
      {t.common.product}
    </span>
  );
}
