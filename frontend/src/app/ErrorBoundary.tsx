/** The last net: whatever breaks below, the reader gets words and a way on. */

import { useRouter } from "@tanstack/react-router";
import { Component, type ReactNode } from "react";
import { useText } from "../i18n";
import { Problem } from "../lib/problems";
import { Button } from "../ui/Button";
import { PlainPage } from "../ui/NothingHere";
import { LoadProblem } from "../ui/Notice";
import { Page } from "../ui/Page";

export class ErrorBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? <BrokenPage /> : this.props.children;
  }
}

/** A module that is not there any more: the app was updated while this page was open. */
const isMissingModule = (error: unknown): boolean =>
  error instanceof TypeError && /import|module/i.test(error.message);

export function RouteProblem({ error, reset }: { error: unknown; reset: () => void }) {
  const t = useText();
  const router = useRouter();
  const retry = async () => {
    await router.invalidate();
    reset();
  };
  if (error instanceof Problem) {
    return (
      <Page title={t.failure.loadTitle} isTitleHidden>
        <LoadProblem error={error} onRetry={() => void retry()} />
      </Page>
    );
  }
  return <BrokenPage text={isMissingModule(error) ? t.failure.updateText : t.failure.text} />;
}

function BrokenPage({ text }: { text?: string }) {
  const t = useText();
  return (
    <PlainPage icon="alert" title={t.failure.title} text={text ?? t.failure.text}>
      <Button look="primary" onClick={() => location.reload()}>
        {t.failure.reload}
      </Button>
    </PlainPage>
  );
}
