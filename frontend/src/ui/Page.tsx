/** A page's frame: its title in the document and on the screen, and where the focus goes. */

import { type ReactNode, useEffect, useRef } from "react";
import { useText } from "../i18n";

interface PageProps {
  title: string;
  /** Where the title is in another language than the page. */
  titleLanguage?: string;
  /** Beside the title: the page's own actions. */
  actions?: ReactNode;
  lead?: ReactNode;
  /** The title is there for screen readers alone. */
  isTitleHidden?: boolean;
  width?: "narrow" | "normal" | "wide";
  children: ReactNode;
}

const widths = { narrow: "max-w-2xl", normal: "max-w-4xl", wide: "max-w-6xl" };
let isFirstPage = true;

export function Page({
  title,
  titleLanguage,
  actions,
  lead,
  isTitleHidden,
  width = "normal",
  children,
}: PageProps) {
  const t = useText();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = title === t.common.product ? title : `${title} – ${t.common.product}`;
  }, [title, t]);
  useEffect(() => {
    // The first page keeps the browser's own focus; each later one begins at its title.
    if (!isFirstPage && !document.activeElement?.closest("dialog")) {
      heading.current?.focus({ preventScroll: true });
    }
    isFirstPage = false;
  }, []);
  return (
    <div className={`mx-auto w-full animate-appear ${widths[width]}`}>
      <div
        className={
          isTitleHidden
            ? "sr-only"
            : "mb-6 flex flex-wrap items-center justify-between gap-x-6 gap-y-3"
        }
      >
        <h1
          ref={heading}
          tabIndex={-1}
          lang={titleLanguage}
          className="font-bold text-2xl md:text-3xl"
        >
          {title}
        </h1>
        {actions}
        {lead && <p className="w-full text-quiet">{lead}</p>}
      </div>
      {children}
    </div>
  );
}

export function Card({ children, className = "" }: { children: ReactNode; className?: string }) {
  return (
    <section
      className={`rounded-2xl border border-line bg-card p-5 shadow-card md:p-6 ${className}`}
    >
      {children}
    </section>
  );
}

/** Grey shapes where content is about to be. */
export function Skeleton({ rows = 3, className = "h-24" }: { rows?: number; className?: string }) {
  const t = useText();
  return (
    <div className="grid gap-4">
      <span role="status" className="sr-only">
        {t.common.loading}
      </span>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={`animate-breathe rounded-2xl bg-sunk ${className}`} />
      ))}
    </div>
  );
}
