/** Whole pages of a few words: what happened and the way on. */

import type { ReactNode } from "react";
import { useText } from "../i18n";
import { buttonLook } from "./Button";
import { Icon, type IconName } from "./Icon";
import { Page } from "./Page";

interface PlainPageProps {
  icon: IconName;
  title: string;
  text: string;
  children: ReactNode;
}

export function PlainPage({ icon, title, text, children }: PlainPageProps) {
  return (
    <Page title={title} isTitleHidden width="narrow">
      <div className="flex flex-col items-center gap-4 py-16 text-center">
        <span className="grid size-16 place-items-center rounded-full bg-tint text-mark">
          <Icon name={icon} className="size-8" />
        </span>
        <p aria-hidden="true" className="font-bold text-2xl">
          {title}
        </p>
        <p className="max-w-md text-quiet">{text}</p>
        {children}
      </div>
    </Page>
  );
}

export function NothingHere() {
  const t = useText();
  return (
    <PlainPage icon="info" title={t.failure.notFoundTitle} text={t.failure.notFoundText}>
      <a className={buttonLook("primary")} href="/">
        {t.failure.home}
      </a>
    </PlainPage>
  );
}
