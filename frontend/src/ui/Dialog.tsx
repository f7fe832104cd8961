/** A modal dialog by the browser's own element: focus, Escape and the inert page come with it. */

import { type ReactNode, useEffect, useId, useRef } from "react";
import { useText } from "../i18n";
import { Button } from "./Button";

interface DialogProps {
  isOpen: boolean;
  title: string;
  onClose: () => void;
  /** For what is looked at more than read. */
  isWide?: boolean;
  children: ReactNode;
}

export function Dialog({ isOpen, title, onClose, isWide, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = element.current;
    if (isOpen && !dialog?.open) dialog?.showModal();
    if (!isOpen && dialog?.open) dialog.close();
  }, [isOpen]);
  return (
    <dialog
      ref={element}
      aria-labelledby={titleId}
      onClose={onClose}
      className={`m-auto ${isWide ? "w-[min(60rem,calc(100vw-1rem))] p-4 md:p-6" : "w-[min(30rem,calc(100vw-2rem))] p-6"} rounded-2xl bg-card text-ink shadow-card`}
    >
      {isOpen && (
        <>
          <h2 id={titleId} className="mb-2 font-bold text-xl">
            {title}
          </h2>
          {children}
        </>
      )}
    </dialog>
  );
}

interface ConfirmProps {
  isOpen: boolean;
  title: string;
  text: string;
  confirm: string;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children?: ReactNode;
}

/** Asks before something is lost; the safe answer has the focus. */
export function ConfirmDialog(props: ConfirmProps) {
  const t = useText();
  return (
    <Dialog isOpen={props.isOpen} title={props.title} onClose={props.onClose}>
      <p className="text-quiet">{props.text}</p>
      {props.children}
      <div className="mt-6 flex flex-wrap justify-end gap-3">
        <Button onClick={props.onClose} autoFocus={!props.children}>
          {t.common.cancel}
        </Button>
        <Button look="danger" busy={props.busy ?? false} onClick={props.onConfirm}>
          {props.confirm}
        </Button>
      </div>
    </Dialog>
  );
}
