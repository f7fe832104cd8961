/** How far something is, 0..100; without a value it is under way. */
export function ProgressBar({ value, label }: { value: number | null; label: string }) {
  const shown = value === null ? 30 : Math.max(2, Math.min(100, value));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(value === null ? {} : { "aria-valuenow": Math.round(value) })}
      className="h-2.5 w-full overflow-hidden rounded-full bg-sunk"
    >
      <div
        className={`h-full rounded-full bg-mark transition-[width] duration-500 ${value === null ? "animate-breathe" : ""}`}
        style={{ width: `${shown}%` }}
      />
    </div>
  );
}
