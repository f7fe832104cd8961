/** One of several ways to have something, as a large radio button. */

import type { ReactNode } from "react";
import { Spinner } from "./Spinner";

interface WayProps {
  group: string;
  name: string;
  /** Shown with the way that is chosen. */
  note?: ReactNode;
  isChosen: boolean;
  isBusy?: boolean;
  onChoose: () => void;
}

export function Way({ group, name, note, isChosen, isBusy, onChoose }: WayProps) {
  return (
    <label className="flex min-h-13 items-start gap-3 rounded-xl border border-edge bg-card px-4 py-3 has-checked:border-mark has-checked:bg-tint has-checked:ring-1 has-checked:ring-mark has-[input:focus-visible]:outline-3 has-[input:focus-visible]:outline-mark has-[input:focus-visible]:outline-offset-2">
      <input
        type="radio"
        name={group}
        checked={isChosen}
        onChange={onChoose}
        className="mt-0.5 size-5 shrink-0 accent-mark focus-visible:outline-none"
      />
      <span className="min-w-0">
        <span className="block font-semibold leading-snug">{name}</span>
        {note && isChosen && <span className="mt-0.5 block text-quiet text-sm">{note}</span>}
      </span>
      {isBusy && <Spinner />}
    </label>
  );
}
