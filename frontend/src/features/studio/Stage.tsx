/** The camera's picture with everything that is needed while speaking; on a phone it fills the screen. */

import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLanguage } from "../../i18n";
import { safetyOf } from "../../lib/safety";
import type { Take } from "../../lib/take";
import { Icon, type IconName } from "../../ui/Icon";
import { LevelMeter } from "../../ui/LevelMeter";
import { Spinner } from "../../ui/Spinner";
import { DevicePicker } from "./DevicePicker";
import { isRolling, LONGEST_S, type StudioState, WARN_S } from "./machine";
import type { Studio, StudioView } from "./studio";
import { ScriptPanel, Teleprompter } from "./Teleprompter";
import type { WordsBeingTyped } from "./words";

interface StageProps {
  studio: Studio;
  view: StudioView;
  words: WordsBeingTyped;
  onHelp: () => void;
}

type Panel = "devices" | "script" | null;

export function Stage({ studio, view, words, onHelp }: StageProps) {
  const { t } = useLanguage();
  const { state, stream } = view;
  const stage = useFocusedStage(state);
  const [panel, setPanel] = useState<Panel>(null);
  const [isScriptShown, setScriptShown] = useState(true);
  const toggle = (wished: Panel) => setPanel(panel === wished ? null : wished);
  // Another camera is being opened: what stands around the picture stays as it is.
  const isReady = state.phase === "ready" || state.phase === "asking";
  const hasScript = words.content.script.trim() !== "";
  return (
    <section
      ref={stage}
      tabIndex={-1}
      data-stage
      data-phase={state.phase}
      aria-label={t.studio.stage}
      className="mx-auto flex max-w-6xl flex-col overflow-hidden bg-black text-white outline-none max-md:fixed max-md:inset-0 max-md:z-20 md:relative md:h-[calc(100dvh-10rem)] md:min-h-120 md:rounded-3xl md:shadow-card"
    >
      <h1 className="sr-only">{t.studio.title}</h1>
      <Preview stream={stream} isMirror={view.isMirror} />
      <div className="relative flex items-start justify-between gap-2 p-3 pt-[max(0.75rem,env(safe-area-inset-top))]">
        <Link to="/" aria-label={t.studio.back} title={t.studio.back} className={roundLook}>
          <Icon name="close" />
        </Link>
        <Timer state={state} />
        <div className="flex gap-2">
          <Round icon="info" label={t.studio.keys} onClick={onHelp} isDesktopOnly />
          {hasScript && !isReady && (
            <Round
              icon={isScriptShown ? "eyeOff" : "eye"}
              label={isScriptShown ? t.studio.scriptHide : t.studio.scriptShow}
              onClick={() => setScriptShown(!isScriptShown)}
            />
          )}
          {isReady && (
            <Round
              icon="settings"
              label={t.studio.devices}
              isPressed={panel === "devices"}
              onClick={() => toggle("devices")}
            />
          )}
        </div>
      </div>
      <div className="relative flex min-h-0 flex-1 flex-col px-3 md:px-6">
        {isReady && panel === "devices" && <DevicePicker studio={studio} view={view} />}
        {isReady && panel === "script" && <ScriptPanel words={words} />}
        {hasScript && isScriptShown && panel === null && (
          <Teleprompter script={words.content.script} isRunning={state.phase === "recording"} />
        )}
        {state.phase === "countdown" && <Countdown left={state.left} />}
        {state.isInterrupted && <Note icon="alert">{t.studio.interrupted}</Note>}
        {state.mishap && isReady && <Note icon="alert">{mishapWords(t, state.mishap)}</Note>}
      </div>
      <div className="relative grid gap-3 bg-linear-to-t from-black/85 via-black/60 to-transparent px-4 pt-8 pb-[max(1.25rem,env(safe-area-inset-bottom))]">
        {view.live && <SafetyLine take={view.live} />}
        {stream && state.phase !== "stopping" && (
          <div className="mx-auto w-full max-w-56">
            <LevelMeter stream={stream} isBare />
          </div>
        )}
        <Controls
          studio={studio}
          view={view}
          isScriptOpen={panel === "script"}
          onScript={() => toggle("script")}
        />
      </div>
      <Spoken state={state} />
    </section>
  );
}

/** A control that the moment has taken away must not take the keyboard along. */
function useFocusedStage({ phase }: StudioState) {
  const stage = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each phase brings controls of its own
  useEffect(() => {
    const focused = document.activeElement;
    if (!focused || focused === document.body) stage.current?.focus({ preventScroll: true });
  }, [phase]);
  return stage;
}

function Preview({ stream, isMirror }: { stream: MediaStream | null; isMirror: boolean }) {
  const { t } = useLanguage();
  const video = useRef<HTMLVideoElement>(null);
  const [isUpright, setUpright] = useState(false);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  return (
    <>
      <video
        ref={video}
        muted
        autoPlay
        playsInline
        aria-label={t.studio.preview}
        onResize={({ currentTarget: { videoWidth, videoHeight } }) =>
          setUpright(videoHeight > videoWidth)
        }
        // What is cut off here would be in the video: only a phone held upright fills its screen.
        className={`absolute inset-0 size-full ${isUpright ? "max-md:object-cover md:object-contain" : "object-contain"} ${isMirror ? "-scale-x-100" : ""}`}
      />
      {!stream?.active && (
        <span className="absolute inset-0 grid place-items-center">
          <Spinner className="size-10" />
        </span>
      )}
    </>
  );
}

function Timer({ state }: { state: StudioState }) {
  const { t, format } = useLanguage();
  const isShown = isRolling(state) || state.phase === "stopping";
  if (!isShown) return <span />;
  const isNearEnd = state.elapsedS >= WARN_S;
  return (
    <div className="grid justify-items-center gap-1">
      <p
        role="timer"
        aria-label={t.studio.timer(format.length(state.elapsedS))}
        className={`flex items-center gap-2 rounded-full px-3.5 py-1.5 font-bold tabular-nums ${isNearEnd ? "bg-bad-tint text-bad" : "bg-black/70"}`}
      >
        <span
          aria-hidden="true"
          className={`size-3 rounded-full ${state.phase === "recording" ? "animate-breathe bg-red-500" : "bg-white/60"}`}
        />
        {format.clock(Math.floor(state.elapsedS))}
      </p>
      {isNearEnd && (
        <p role="status" className="rounded-full bg-black/70 px-3 py-1 text-sm">
          {t.studio.left(format.length(Math.ceil((LONGEST_S - state.elapsedS) / 60) * 60))}
        </p>
      )}
    </div>
  );
}

function Countdown({ left }: { left: number }) {
  const { t, format } = useLanguage();
  return (
    <div className="absolute inset-0 grid place-items-center">
      <p
        key={left}
        aria-hidden="true"
        className="grid size-36 animate-appear place-items-center rounded-full bg-black/70 font-bold text-8xl tabular-nums"
      >
        {left}
      </p>
      <p role="alert" className="sr-only">
        {t.studio.countdownLeft(format.integer(left))}
      </p>
    </div>
  );
}

function Note({ icon, children }: { icon: IconName; children: ReactNode }) {
  return (
    <p
      role="alert"
      className="mx-auto mt-2 flex max-w-lg gap-2 rounded-2xl bg-black/80 px-4 py-3 font-medium"
    >
      <Icon name={icon} className="mt-0.5 size-5" />
      <span>{children}</span>
    </p>
  );
}

function mishapWords(t: ReturnType<typeof useLanguage>["t"], mishap: string): string {
  const words = t.studio.mishaps[mishap];
  return words ? `${words.what} ${words.fix}` : "";
}

function SafetyLine({ take }: { take: Take }) {
  const { t } = useLanguage();
  const facts = useSyncExternalStore(take.subscribe, take.snapshot);
  const safety = safetyOf(facts);
  const icons: Partial<Record<typeof safety, IconName>> = { kept: "cloud", offline: "device" };
  return (
    <p
      role="status"
      data-safety={safety}
      className={`mx-auto flex max-w-md items-center gap-2 rounded-full px-3.5 py-1 text-center text-sm ${safety === "kept" ? "bg-black/60" : "bg-warn-tint text-ink"}`}
    >
      <Icon name={icons[safety] ?? "alert"} className="size-4" />
      {t.studio.safety[safety]}
    </p>
  );
}

// --- the controls ----------------------------------------------------------------------------

const roundLook =
  "grid size-11 shrink-0 place-items-center rounded-full bg-black/70 text-white hover:bg-black/90 aria-pressed:bg-white aria-pressed:text-black focus-visible:outline-white";

interface RoundProps {
  icon: IconName;
  label: string;
  onClick: () => void;
  isPressed?: boolean;
  isDesktopOnly?: boolean;
}

function Round({ icon, label, onClick, isPressed, isDesktopOnly }: RoundProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      onClick={onClick}
      className={`${roundLook} ${isDesktopOnly ? "max-md:hidden" : ""}`}
    >
      <Icon name={icon} />
    </button>
  );
}

interface SideProps {
  icon: IconName;
  label: string;
  onClick: () => void;
  isPressed?: boolean;
}

/** Left and right of the big button, with its name below. */
function Side({ icon, label, onClick, isPressed }: SideProps) {
  return (
    <button
      type="button"
      onClick={onClick}
      aria-pressed={isPressed}
      className="group grid min-h-11 w-full justify-items-center gap-1 rounded-xl text-sm focus-visible:outline-white"
    >
      <span className="grid size-12 place-items-center rounded-full bg-white/20 group-hover:bg-white/30 group-aria-pressed:bg-white group-aria-pressed:text-black">
        <Icon name={icon} className="size-6" />
      </span>
      {label}
    </button>
  );
}

interface ControlsProps {
  studio: Studio;
  view: StudioView;
  isScriptOpen: boolean;
  onScript: () => void;
}

function Controls({ studio, view, isScriptOpen, onScript }: ControlsProps) {
  const { t } = useLanguage();
  const { state, devices } = view;
  const { send } = studio;
  const { phase } = state;
  const row = "mx-auto grid w-full max-w-md grid-cols-3 items-start justify-items-center gap-2";
  if (phase === "countdown") {
    return (
      <div className={row}>
        <Side icon="close" label={t.common.cancel} onClick={() => send({ type: "cancel" })} />
        <Big look="record" label={t.studio.skip} onClick={() => send({ type: "skip" })} />
      </div>
    );
  }
  if (isRolling(state)) {
    return (
      <div className={row}>
        {phase === "recording" ? (
          <Side icon="pause" label={t.studio.pause} onClick={() => send({ type: "pause" })} />
        ) : (
          <Side icon="record" label={t.studio.resume} onClick={() => send({ type: "resume" })} />
        )}
        <Big look="stop" label={t.studio.stop} onClick={() => send({ type: "stop" })} />
        <Side icon="undo" label={t.studio.restart} onClick={() => send({ type: "retake" })} />
      </div>
    );
  }
  return (
    <div className={row}>
      <Side icon="text" label={t.studio.script} isPressed={isScriptOpen} onClick={onScript} />
      <Big
        look="record"
        label={phase === "stopping" ? t.studio.announce.stopping : t.studio.record}
        isBusy={phase !== "ready"}
        onClick={() => send({ type: "record" })}
      />
      {devices.cameras.length > 1 && (
        <Side icon="turn" label={t.studio.flip} onClick={() => studio.flip()} />
      )}
    </div>
  );
}

interface BigProps {
  look: "record" | "stop";
  label: ReactNode;
  isBusy?: boolean;
  onClick: () => void;
}

function Big({ look, label, isBusy, onClick }: BigProps) {
  return (
    <button
      type="button"
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? undefined : onClick}
      className="group grid justify-items-center gap-1 rounded-2xl font-semibold text-sm focus-visible:outline-white"
    >
      <span className="grid size-20 place-items-center rounded-full border-4 border-white transition-transform group-hover:scale-105 group-active:scale-95">
        <span
          className={`bg-red-600 transition-[border-radius] ${look === "record" ? "size-16 rounded-full" : "size-9 rounded-lg"} ${isBusy ? "animate-breathe" : ""}`}
        />
      </span>
      {label}
    </button>
  );
}

/** Each change of the recording, for whoever does not see the picture. */
function Spoken({ state }: { state: StudioState }) {
  const { t } = useLanguage();
  const key = state.isInterrupted ? "interrupted" : state.phase;
  return (
    <p role="status" className="sr-only">
      {t.studio.announce[key] ?? ""}
    </p>
  );
}
