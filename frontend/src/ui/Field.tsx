/** A label, a control, a hint and, beside it, what is wrong and how to mend it. */

import { type InputHTMLAttributes, type ReactNode, useId, useState } from "react";
import { useText } from "../i18n";
import type { Words } from "../lib/problems";
import { Icon } from "./Icon";

export const controlLook =
  "w-full min-h-12 rounded-xl border border-edge bg-card px-4 py-2.5 text-ink placeholder:text-quiet aria-invalid:border-bad aria-invalid:border-2";

export function FieldProblem({ id, problem }: { id: string; problem: Words | null | undefined }) {
  return (
    <div id={id} aria-live="polite" className="empty:contents">
      {problem && (
        <p className="mt-1.5 flex animate-appear gap-2 text-bad text-sm">
          <Icon name="alert" className="mt-0.5 size-4" />
          <span>
            <strong className="font-semibold">{problem.what}</strong> {problem.fix}
          </span>
        </p>
      )}
    </div>
  );
}

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  problem?: Words | null | undefined;
  isOptional?: boolean;
  children: (control: {
    id: string;
    "aria-describedby": string;
    "aria-invalid": boolean;
  }) => ReactNode;
}

export function Field({ label, hint, problem, isOptional, children }: FieldProps) {
  const id = useId();
  const t = useText();
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-semibold">
        {label}
        {isOptional && (
          <span className="font-normal text-quiet text-sm"> ({t.common.optional})</span>
        )}
      </label>
      {children({
        id,
        "aria-describedby": `${id}-hint ${id}-problem`,
        "aria-invalid": Boolean(problem),
      })}
      <div id={`${id}-hint`}>{hint && <p className="mt-1.5 text-quiet text-sm">{hint}</p>}</div>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}

interface TextFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "onChange" | "value"> {
  label: ReactNode;
  hint?: ReactNode;
  problem?: Words | null | undefined;
  isOptional?: boolean;
  value: string;
  onValue: (value: string) => void;
}

export function TextField(props: TextFieldProps) {
  const { label, hint, problem, isOptional = false, onValue, ...input } = props;
  return (
    <Field label={label} hint={hint} problem={problem} isOptional={isOptional}>
      {(control) => (
        <input
          type="text"
          {...input}
          {...control}
          onChange={(event) => onValue(event.target.value)}
          className={controlLook}
        />
      )}
    </Field>
  );
}

/** A password that can be looked at. */
export function PasswordField(props: Omit<TextFieldProps, "type">) {
  const { label, hint, problem, onValue, ...input } = props;
  const [isShown, setShown] = useState(false);
  const t = useText();
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(control) => (
        <div className="relative">
          <input
            {...input}
            {...control}
            type={isShown ? "text" : "password"}
            onChange={(event) => onValue(event.target.value)}
            className={`${controlLook} pe-13`}
          />
          <button
            type="button"
            aria-label={isShown ? t.sign.hidePassword : t.sign.showPassword}
            onClick={() => setShown(!isShown)}
            className="absolute inset-y-0 end-0 grid w-12 place-items-center rounded-xl text-quiet hover:text-ink"
          >
            <Icon name={isShown ? "eyeOff" : "eye"} />
          </button>
        </div>
      )}
    </Field>
  );
}
