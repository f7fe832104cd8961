/** The open camera and microphone, and what happens to them. */

import { type Choice, constraintsFor, type Device, findDevice } from "./devices";

export interface CameraEvents {
  onLost: (device: "camera" | "microphone") => void;
  /** Another app or a call has taken a device, or has given it back. */
  onMuted: (isMuted: boolean) => void;
}

export interface Devices {
  cameras: readonly Device[];
  microphones: readonly Device[];
}

/** A track is muted for a moment whenever a camera wakes up. */
const MUTE_COUNTS_AFTER_MS = 1000;

export class Camera {
  private constructor(
    readonly stream: MediaStream,
    readonly devices: Devices,
    private readonly listening: AbortController,
  ) {}

  /** Ask for the chosen devices. raises: the DOMException of getUserMedia */
  static async open(choice: Choice, events: CameraEvents): Promise<Camera> {
    const stream = await openStream(choice);
    const listening = new AbortController();
    const camera = new Camera(stream, await listDevices(), listening);
    for (const track of stream.getTracks()) camera.watch(track, events);
    return camera;
  }

  get cameraId(): string | undefined {
    return this.stream.getVideoTracks()[0]?.getSettings().deviceId;
  }

  get microphoneId(): string | undefined {
    return this.stream.getAudioTracks()[0]?.getSettings().deviceId;
  }

  /** Which way a phone's camera looks; webcams do not say. */
  get facing(): string | undefined {
    return this.stream.getVideoTracks()[0]?.getSettings().facingMode;
  }

  /** Whether it looks at the speaker: then the preview is a mirror. */
  get isMirror(): boolean {
    return this.facing !== "environment";
  }

  close(): void {
    this.listening.abort();
    stopTracks(this.stream);
  }

  private watch(track: MediaStreamTrack, events: CameraEvents): void {
    const { signal } = this.listening;
    const device = track.kind === "video" ? "camera" : "microphone";
    track.addEventListener("ended", () => events.onLost(device), { signal });
    track.addEventListener("unmute", () => events.onMuted(this.isAnyMuted), { signal });
    track.addEventListener(
      "mute",
      () => {
        const timer = setTimeout(() => track.muted && events.onMuted(true), MUTE_COUNTS_AFTER_MS);
        signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
      },
      { signal },
    );
  }

  private get isAnyMuted(): boolean {
    return this.stream.getTracks().some((track) => track.muted);
  }
}

/**
 * Open the chosen devices, or what there is in their place. Ids change between visits: then the
 * names, which only an open camera tells, say which were meant.
 */
async function openStream(choice: Choice): Promise<MediaStream> {
  const stream = await streamOf(choice).catch((error) => {
    if (!isGone(error)) throw error;
    return streamOf({ ...choice, camera: null, microphone: null });
  });
  const { cameras, microphones } = await listDevices();
  const camera = findDevice(choice.camera, cameras);
  const microphone = findDevice(choice.microphone, microphones);
  if (isOpen(stream, camera) && isOpen(stream, microphone)) return stream;
  stopTracks(stream);
  return streamOf({ ...choice, camera, microphone });
}

const streamOf = (choice: Choice): Promise<MediaStream> =>
  navigator.mediaDevices.getUserMedia(constraintsFor(choice));

const isGone = (error: unknown): boolean =>
  ["OverconstrainedError", "NotFoundError"].includes((error as Partial<Error>)?.name ?? "");

const isOpen = (stream: MediaStream, device: Device | null): boolean =>
  !device || stream.getTracks().some((track) => track.getSettings().deviceId === device.deviceId);

async function listDevices(): Promise<Devices> {
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  const named = (kind: MediaDeviceKind) =>
    all
      .filter((device) => device.kind === kind && device.deviceId !== "")
      .map(({ deviceId, label }) => ({ deviceId, label }));
  return { cameras: named("videoinput"), microphones: named("audioinput") };
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Call `onChance` whenever a camera that did not open may open now; returns how to stop. */
export function watchForChance(onChance: (why: "device" | "permission" | "return") => void) {
  const listening = new AbortController();
  const { signal } = listening;
  navigator.mediaDevices?.addEventListener("devicechange", () => onChance("device"), { signal });
  document.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "visible" && onChance("return"),
    { signal },
  );
  void watchPermissions(() => onChance("permission"), signal);
  return () => listening.abort();
}

async function watchPermissions(onGranted: () => void, signal: AbortSignal): Promise<void> {
  try {
    const asked = (["camera", "microphone"] as const).map((name) =>
      navigator.permissions.query({ name: name as PermissionName }),
    );
    const known = await Promise.all(asked);
    const look = () => known.every((permission) => permission.state === "granted") && onGranted();
    for (const permission of known) permission.addEventListener("change", look, { signal });
  } catch {
    // Some browsers do not tell; there the button does.
  }
}
