/** Record yourself: from the first tap to the message, and back again for another take. */

import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLanguage } from "../../i18n";
import { type CaptureFailure, obstacle } from "../../lib/capture";
import { meQuery } from "../../lib/queries";
import { Take } from "../../lib/take";
import { Button } from "../../ui/Button";
import { Icon } from "../../ui/Icon";
import { Notice } from "../../ui/Notice";
import { Page, Skeleton } from "../../ui/Page";
import { UnsentTakes } from "../../ui/UnsentTakes";
import { KeyList } from "./KeyList";
import type { Phase } from "./machine";
import { Stage } from "./Stage";
import { Studio } from "./studio";
import { useStudioKeys } from "./useStudioKeys";
import { VideoFileButton } from "./VideoFileButton";
import { useWords } from "./words";

// What a take is looked at with is not needed to begin one: it comes while the camera is on.
const fetchReview = () => import("./Review");
const Review = lazy(async () => ({ default: (await fetchReview()).Review }));

const ON_STAGE: readonly Phase[] = ["ready", "countdown", "recording", "paused", "stopping"];

export function StudioPage() {
  const me = useQuery(meQuery).data;
  return me ? <OpenStudio key={me.id} accountId={me.id} /> : null;
}

function OpenStudio({ accountId }: { accountId: string }) {
  const [studio] = useState(() => new Studio(accountId));
  const view = useSyncExternalStore(studio.subscribe, studio.snapshot);
  const { phase } = view.state;
  const [isHelping, setHelping] = useState(false);
  const words = useWords(studio);
  const isGone = useFoundTake(studio, accountId, (take) => {
    if (take.title || take.script) words.change({ title: take.title, script: take.script });
  });
  useEffect(() => {
    studio.enter();
    return () => studio.leave();
  }, [studio]);
  useStudioKeys(studio, () => setHelping(true));
  const takeFile = (file: File) => studio.bring(Take.ofFile(file, accountId));

  // Between two takes the camera is off for a moment: the stage stays.
  const isReopening = phase === "asking" && view.devices.cameras.length > 0;
  const isOnStage = ON_STAGE.includes(phase) || isReopening;
  useEffect(() => {
    if (isOnStage) void fetchReview();
  }, [isOnStage]);
  return (
    <Suspense fallback={<Skeleton />}>
      {phase === "review" && view.chosen ? (
        <Review key={view.chosen.id} studio={studio} view={view} take={view.chosen} words={words} />
      ) : isOnStage ? (
        <Stage studio={studio} view={view} words={words} onHelp={() => setHelping(true)} />
      ) : (
        <Entrance studio={studio} isGone={isGone} onFile={takeFile} />
      )}
      <KeyList isOpen={isHelping} onClose={() => setHelping(false)} />
    </Suspense>
  );
}

/** The take of the address, where one is named; tells whether it was not there. */
function useFoundTake(studio: Studio, accountId: string, onFound: (take: Take) => void): boolean {
  const { take: wished } = useSearch({ from: "/signed-in/record" });
  const [isGone, setGone] = useState(false);
  const tell = useRef(onFound);
  tell.current = onFound;
  useEffect(() => {
    if (!wished) return;
    let isCurrent = true;
    Take.recover(wished, accountId)
      .catch(() => null)
      .then((take) => {
        if (!isCurrent) take?.close();
        else if (!take) setGone(true);
        else {
          tell.current(take);
          studio.bring(take);
        }
      });
    return () => {
      isCurrent = false;
    };
  }, [studio, wished, accountId]);
  return isGone;
}

interface EntranceProps {
  studio: Studio;
  isGone: boolean;
  onFile: (file: File) => void;
}

/** Before the camera is on: why it is asked for, or what keeps it from opening. */
function Entrance({ studio, isGone, onFile }: EntranceProps) {
  const { t } = useLanguage();
  const { state } = useSyncExternalStore(studio.subscribe, studio.snapshot);
  const isAsking = state.phase === "asking";
  const failure = state.phase === "blocked" ? state.failure : obstacle();
  const isHopeless = failure === "insecure" || failure === "unsupported";
  return (
    <Page title={t.studio.title} lead={t.studio.lead} width="narrow">
      <UnsentTakes />
      <div className="grid justify-items-center gap-6 rounded-3xl bg-glow px-6 py-10 text-center md:py-14">
        <span className="grid size-20 place-items-center rounded-full bg-card text-mark shadow-card">
          <Icon name="video" className="size-10" />
        </span>
        <div aria-live="assertive" className="grid w-full max-w-md gap-3 text-start empty:hidden">
          {isGone && <Notice tone="warn">{t.studio.gone}</Notice>}
          {failure && <Help failure={failure} />}
        </div>
        {!failure && <p className="max-w-md text-quiet">{t.studio.reason}</p>}
        <div className="grid justify-items-center gap-3">
          {!isHopeless && (
            <Button
              look="primary"
              icon="video"
              busy={isAsking}
              onClick={() => studio.send({ type: "open" })}
              className="min-h-13 px-6 text-lg"
            >
              {isAsking ? t.studio.starting : failure ? t.common.tryAgain : t.studio.start}
            </Button>
          )}
          <VideoFileButton onFile={onFile} />
          <p className="text-quiet text-sm">{t.studio.fileHint}</p>
        </div>
      </div>
    </Page>
  );
}

function Help({ failure }: { failure: CaptureFailure }) {
  const { t } = useLanguage();
  const words = t.studio.failures[failure];
  return (
    <Notice tone="warn" title={words?.what}>
      {words?.fix}
    </Notice>
  );
}
