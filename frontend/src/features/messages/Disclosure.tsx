/** A part of the editor that is shown to whoever wants it, or when something in it is wrong. */

import { type ReactNode, useId, useState } from "react";
import type { Words } from "../../lib/problems";
import { FieldProblem } from "../../ui/Field";
import { Icon, type IconName } from "../../ui/Icon";

interface DisclosureProps {
  title: string;
  icon: IconName;
  problem: Words | undefined;
  children: ReactNode;
}

export function Disclosure({ title, icon, problem, children }: DisclosureProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const isShown = isOpen || Boolean(problem);
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
      <div id={`${id}-list`} hidden={!isShown} className="mt-2 grid gap-3">
        {isShown && children}
      </div>
    </section>
  );
}
