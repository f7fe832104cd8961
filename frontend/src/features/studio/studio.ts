/** Carries out what the machine decides: cameras, recorders, clocks and takes live here. */

import { failureOf, obstacle } from "../../lib/capture";
import {
  type Chance,
  type Choice,
  type Device,
  type Devices,
  isWorthATry,
  rememberChoice,
  rememberedChoice,
  watchForChance,
} from "../../lib/devices";
import { Take } from "../../lib/take";
import { Camera } from "./camera";
import { nextCamera } from "./devices";
import { CameraFrames } from "./frames";
import {
  beginning,
  type Effect,
  isRolling,
  type StudioEvent,
  type StudioState,
  step,
} from "./machine";
import { VideoRecorder } from "./recorder";

export interface StudioView {
  state: StudioState;
  stream: MediaStream | null;
  isMirror: boolean;
  devices: Devices;
  cameraId: string | undefined;
  microphoneId: string | undefined;
  /** The takes of this visit, the oldest first. */
  takes: readonly Take[];
  chosen: Take | null;
  /** The take that is being recorded. */
  live: Take | null;
}

const NO_DEVICES: Devices = { cameras: [], microphones: [] };

export class Studio {
  private state = beginning;
  private readonly takes = new Map<string, Take>();
  private camera: Camera | null = null;
  private recorder: VideoRecorder | null = null;
  private live: Take | null = null;
  private choice: Choice = rememberedChoice();
  private devices = NO_DEVICES;
  /** Counts the openings: only the newest may bring its camera. */
  private opening = 0;
  private clock: ReturnType<typeof setInterval> | undefined;
  private wakeLock: WakeLockSentinel | null = null;
  private readonly listeners = new Set<() => void>();
  private stopListening: () => void = () => undefined;
  private hasLeft = false;
  /** How the cameras of this visit were last seen. */
  readonly frames = new CameraFrames();
  /** What the sender has typed so far goes along with each take. */
  words = { title: "", script: "" };

  constructor(private readonly accountId: string) {}

  private view: StudioView = this.currentView();
  readonly snapshot = (): StudioView => this.view;
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly send = (event: StudioEvent): void => {
    const { state, effects } = step(this.state, event);
    this.state = state;
    for (const effect of effects) this.carryOut(effect);
    this.tell();
  };

  enter(): void {
    this.hasLeft = false;
    const listening = new AbortController();
    const { signal } = listening;
    const stopChances = watchForChance(["camera", "microphone"], (why) => this.tryAgain(why));
    addEventListener("beforeunload", (event) => this.isAtRisk && event.preventDefault(), {
      signal,
    });
    addEventListener("pagehide", () => this.recorder?.flush(), { signal });
    document.addEventListener("visibilitychange", () => this.seenOrHidden(), { signal });
    this.stopListening = () => {
      listening.abort();
      stopChances();
    };
  }

  /** The page is left: what was recorded is whole, and is offered at the next visit. */
  leave(): void {
    this.hasLeft = true;
    this.stopListening();
    this.send({ type: "leave" });
    for (const take of this.takes.values()) take.close();
    this.frames.forget();
  }

  /** Show a take that lay on this device, or a file. */
  bring(take: Take): void {
    this.takes.set(take.id, take);
    this.send({ type: "bring", take: take.id });
  }

  /** Delete a take for good. */
  async discard(take: Take): Promise<void> {
    this.send({ type: "forget", take: take.id });
    this.takes.delete(take.id);
    this.tell();
    await take.discard();
  }

  /** A message has the take now; the others were not wanted. */
  async sent(take: Take): Promise<void> {
    const others = [...this.takes.values()].filter((other) => other !== take);
    this.takes.clear();
    await Promise.all([take.letGo(), ...others.map((other) => other.discard())]);
  }

  chooseCamera(camera: Device): void {
    this.choose({ ...this.choice, camera });
  }

  chooseMicrophone(microphone: Device): void {
    this.choose({ ...this.choice, microphone });
  }

  /** Turn round: a phone has several cameras on its back, and means the other side. */
  flip(): void {
    const { choice, camera } = this;
    const facing = camera?.facing;
    if (facing === "user" || facing === "environment") {
      const other = facing === "user" ? "environment" : "user";
      this.choose({ ...choice, camera: null, facing: other });
    } else {
      const next = nextCamera(camera?.cameraId, this.devices.cameras);
      if (next) this.chooseCamera(next);
    }
  }

  private choose(choice: Choice): void {
    this.choice = choice;
    rememberChoice(choice);
    this.send({ type: "open" });
  }

  private carryOut(effect: Effect): void {
    if (effect === "open") void this.open();
    else if (effect === "close") this.close();
    else if (effect === "startClock") this.startClock();
    else if (effect === "stopClock") clearInterval(this.clock);
    else if (effect === "record") this.record();
    else if (effect === "pause") this.recorder?.pause();
    else if (effect === "resume") this.recorder?.resume();
    else this.stop();
  }

  // --- the camera -----------------------------------------------------------------------------

  private async open(): Promise<void> {
    const hindrance = obstacle();
    if (hindrance) return this.send({ type: "refused", failure: hindrance });
    this.opening += 1;
    const mine = this.opening;
    // Phones open one camera at a time.
    this.camera?.close();
    try {
      const camera = await Camera.open(this.choice, {
        onLost: (device) => this.send({ type: "lost", device }),
        onMuted: (isMuted) => this.send({ type: isMuted ? "interrupted" : "uninterrupted" }),
      });
      if (mine !== this.opening || this.hasLeft) return camera.close();
      this.camera = camera;
      this.devices = camera.devices;
      this.send({ type: "opened" });
    } catch (error) {
      if (mine === this.opening) this.send({ type: "refused", failure: failureOf(error) });
    }
  }

  private close(): void {
    this.opening += 1;
    this.camera?.close();
    this.camera = null;
    void this.wakeLock?.release();
    this.wakeLock = null;
  }

  private tryAgain(why: Chance): void {
    const { phase, failure } = this.state;
    if (phase === "blocked" && isWorthATry(failure, why)) this.send({ type: "open" });
  }

  // --- the recorder ---------------------------------------------------------------------------

  private startClock(): void {
    clearInterval(this.clock);
    this.clock = setInterval(() => this.send({ type: "count" }), 1000);
    void this.keepAwake();
  }

  private record(): void {
    const { camera } = this;
    if (!camera) {
      this.send({ type: "broken" });
      return;
    }
    try {
      const recorder = new VideoRecorder(camera.stream, {
        onChunk: (chunk, elapsedS) => this.live?.append(chunk, elapsedS),
        onTick: (elapsedS) => this.send({ type: "tick", elapsedS }),
        onStopped: (elapsedS) => this.stopped(elapsedS),
      });
      recorder.start();
      this.recorder = recorder;
      const { accountId, words } = this;
      this.live = Take.begin({ accountId, mimeType: recorder.mimeType, ...words });
      this.live.subscribe(() => this.tell());
      void this.keepAwake();
    } catch {
      this.send({ type: "broken" });
    }
  }

  private stop(): void {
    if (this.recorder) this.recorder.stop();
    else this.send({ type: "stopped", take: null });
  }

  private stopped(elapsedS: number): void {
    // A recorder stops by itself when its devices are gone or it has failed.
    if (isRolling(this.state)) this.send(this.whyStopped());
    const take = this.live;
    this.recorder = null;
    this.live = null;
    take?.finish(elapsedS);
    if (take && take.bytes > 0) this.takes.set(take.id, take);
    else void take?.discard();
    if (this.hasLeft) take?.close();
    this.send({ type: "stopped", take: take && take.bytes > 0 ? take.id : null });
  }

  private whyStopped(): StudioEvent {
    const ended = this.camera?.stream.getTracks().find((track) => track.readyState === "ended");
    if (!ended) return { type: "broken" };
    return { type: "lost", device: ended.kind === "video" ? "camera" : "microphone" };
  }

  private get isAtRisk(): boolean {
    const takes = [...this.takes.values()].map((take) => take.facts);
    const isUnsafe = takes.some(
      ({ keeping, upload }) => keeping !== "kept" && upload.state !== "done",
    );
    return isRolling(this.state) || isUnsafe;
  }

  private seenOrHidden(): void {
    if (document.visibilityState === "hidden") this.recorder?.flush();
    else if (this.recorder) void this.keepAwake();
  }

  /** A screen that goes dark takes a phone's camera along. */
  private async keepAwake(): Promise<void> {
    if (this.wakeLock && !this.wakeLock.released) return;
    // A battery that is nearly empty refuses; the recording goes on all the same.
    this.wakeLock = (await navigator.wakeLock?.request("screen").catch(() => null)) ?? null;
  }

  // --- what is shown --------------------------------------------------------------------------

  private tell(): void {
    this.view = this.currentView();
    for (const listener of this.listeners) listener();
  }

  private currentView(): StudioView {
    const { state, camera } = this;
    return {
      state,
      stream: camera?.stream ?? null,
      isMirror: camera?.isMirror ?? true,
      devices: this.devices,
      cameraId: camera?.cameraId,
      microphoneId: camera?.microphoneId,
      takes: state.takes.flatMap((id) => this.takes.get(id) ?? []),
      chosen: this.takes.get(state.chosen ?? "") ?? null,
      live: this.live,
    };
  }
}
