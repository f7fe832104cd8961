/** A part of the editor that is shown to whoever wants it, or when something in it is wrong. */

import { type ReactNode, useId, useState } from "react";
import type { Words } from "../../lib/problems";
import { FieldProblem } from "../../ui/Field";
import { Icon, type IconName } from "../../ui/Icon";

interface DisclosureProps {
  title: string;
  icon: IconName;
  /** Of the whole; what is wrong with a field inside is told there. */
  problem?: Words | undefined;
  /** Something inside has to be seen. */
  isNeeded?: boolean;
  children: ReactNode;
}

export function Disclosure({ title, icon, problem, isNeeded, children }: DisclosureProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const isShown = isOpen || Boolean(problem) || isNeeded === true;
  return (
    <section aria-labelledby={`${id}-name`} aria-invalid={Boolean(problem)}>
      <h2 className="font-semibold">
        <button
          type="button"
          id={`${id}-name`}
          aria-expanded={isShown}
          aria-controls={`${id}-list`}
          aria-describedby={`${id}-problem`}
          onClick={() => setOpen(!isShown)}
          className="flex min-h-11 items-center gap-2 rounded-xl text-start text-mark"
        >
          <Icon name={icon} />
          {title}
          <span aria-hidden="true" className={`transition-transform ${isShown ? "rotate-90" : ""}`}>
            ›
          </span>
        </button>
      </h2>
      <FieldProblem id={`${id}-problem`} problem={problem} />
      <div id={`${id}-list`} hidden={!isShown} className="mt-2 grid gap-4">
        {isShown && children}
      </div>
    </section>
  );
}
