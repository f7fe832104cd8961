/** Short news at the edge of the screen, read out politely, gone after a while. */

import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useRef,
  useState,
} from "react";
import { useText } from "../i18n";
import { Icon } from "./Icon";

type Kind = "good" | "bad";
interface Toast {
  id: number;
  kind: Kind;
  text: string;
}

const SHOWN_MS = 6000;
const ToastContext = createContext<(text: string, kind?: Kind) => void>(() => undefined);

export const useToast = () => useContext(ToastContext);

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const lastId = useRef(0);
  const show = useCallback((text: string, kind: Kind = "good") => {
    lastId.current += 1;
    const id = lastId.current;
    setToasts((held) => [
      ...held.filter((toast) => toast.text !== text).slice(-2),
      { id, kind, text },
    ]);
  }, []);
  const drop = useCallback((id: number) => {
    setToasts((held) => held.filter((toast) => toast.id !== id));
  }, []);
  return (
    <ToastContext value={show}>
      {children}
      <div
        role="status"
        className="pointer-events-none fixed inset-x-4 bottom-24 z-40 flex flex-col items-center gap-2 md:bottom-6"
      >
        {toasts.map((toast) => (
          <ToastCard key={toast.id} toast={toast} onDrop={drop} />
        ))}
      </div>
    </ToastContext>
  );
}

function ToastCard({ toast, onDrop }: { toast: Toast; onDrop: (id: number) => void }) {
  const t = useText();
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => onDrop(toast.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, toast.id, onDrop]);
  return (
    <div
      className="pointer-events-auto flex max-w-md animate-appear items-center gap-3 rounded-xl bg-ink py-2 ps-4 pe-2 text-paper shadow-card"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
    >
      <Icon name={toast.kind === "good" ? "check" : "alert"} />
      <span>{toast.text}</span>
      <button
        type="button"
        aria-label={t.common.close}
        onClick={() => onDrop(toast.id)}
        className="grid size-9 place-items-center rounded-lg hover:opacity-75"
      >
        <Icon name="close" className="size-4" />
      </button>
    </div>
  );
}
