/** Cameras and microphones: which were chosen, how they are opened, and what happens to them. */

import type { CaptureFailure } from "./capture";
import { tolerant } from "./storage";

export interface Device {
  deviceId: string;
  label: string;
}

export interface Devices {
  cameras: readonly Device[];
  microphones: readonly Device[];
}

export interface Choice {
  camera: Device | null;
  microphone: Device | null;
  /** Which way a phone's camera looks, where no camera was chosen by name. */
  facing: "user" | "environment";
}

const STORED_AS = "studio:devices";
const NONE: Choice = { camera: null, microphone: null, facing: "user" };

/** What was chosen here last time. */
export function rememberedChoice(storage: () => Storage = () => localStorage): Choice {
  const stored = tolerant((held) => JSON.parse(held.getItem(STORED_AS) ?? "null"), storage);
  if (typeof stored !== "object" || stored === null) return NONE;
  return {
    camera: deviceOf(stored.camera),
    microphone: deviceOf(stored.microphone),
    facing: stored.facing === "environment" ? "environment" : "user",
  };
}

export function rememberChoice(choice: Choice, storage: () => Storage = () => localStorage): void {
  tolerant((held) => held.setItem(STORED_AS, JSON.stringify(choice)), storage);
}

function deviceOf(stored: unknown): Device | null {
  const { deviceId, label } = (stored ?? {}) as Partial<Device>;
  return typeof deviceId === "string" && typeof label === "string" ? { deviceId, label } : null;
}

/** The wished device among those that there are: by id, else by name, for browsers change ids. */
export function findDevice<Known extends Device>(
  wished: Device | null,
  known: readonly Known[],
): Known | null {
  if (!wished) return null;
  return (
    known.find((device) => device.deviceId === wished.deviceId) ??
    known.find((device) => device.label !== "" && device.label === wished.label) ??
    null
  );
}

/**
 * Open the chosen devices, or what there is in their place. Ids change between visits: then the
 * names, which only an open device tells, say which were meant.
 *
 * raises: the DOMException of getUserMedia
 */
export async function openStream(
  choice: Choice,
  constraintsFor: (choice: Choice) => MediaStreamConstraints,
): Promise<MediaStream> {
  const streamOf = (wished: Choice) => navigator.mediaDevices.getUserMedia(constraintsFor(wished));
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

const isGone = (error: unknown): boolean =>
  ["OverconstrainedError", "NotFoundError"].includes((error as Partial<Error>)?.name ?? "");

const isOpen = (stream: MediaStream, device: Device | null): boolean =>
  !device || stream.getTracks().some((track) => track.getSettings().deviceId === device.deviceId);

export async function listDevices(): Promise<Devices> {
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  const named = (kind: MediaDeviceKind) =>
    all
      .filter((device) => device.kind === kind && device.deviceId !== "")
      .map(({ deviceId, label }) => ({ deviceId, label }));
  return { cameras: named("videoinput"), microphones: named("audioinput") };
}

export function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

export interface TrackEvents {
  onLost: () => void;
  /** Another app or a call has taken the device, or has given it back. */
  onMuted: (isMuted: boolean) => void;
}

/** A track is muted for a moment whenever a camera wakes up. */
const MUTE_COUNTS_AFTER_MS = 1000;

/** Tell what happens to a track, until `signal` says that nobody listens any more. */
export function watchTrack(
  track: MediaStreamTrack,
  { onLost, onMuted }: TrackEvents,
  signal: AbortSignal,
): void {
  track.addEventListener("ended", onLost, { signal });
  track.addEventListener("unmute", () => onMuted(false), { signal });
  track.addEventListener(
    "mute",
    () => {
      const timer = setTimeout(() => track.muted && onMuted(true), MUTE_COUNTS_AFTER_MS);
      signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
    },
    { signal },
  );
}

/** Why a device that did not open may open now. */
export type Chance = "device" | "permission" | "return";

/** Whether it makes sense to try again by itself after this failure. */
export function isWorthATry(failure: CaptureFailure | null, why: Chance): boolean {
  if (failure === "denied") return why === "permission";
  if (failure === "busy") return true;
  return why === "device" && (failure === "no_device" || failure === "lost");
}

/** Call `onChance` whenever what did not open may open now; returns how to stop. */
export function watchForChance(
  kinds: readonly ("camera" | "microphone")[],
  onChance: (why: Chance) => void,
): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  navigator.mediaDevices?.addEventListener("devicechange", () => onChance("device"), { signal });
  document.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "visible" && onChance("return"),
    { signal },
  );
  void watchPermissions(kinds, () => onChance("permission"), signal);
  return () => listening.abort();
}

async function watchPermissions(
  kinds: readonly ("camera" | "microphone")[],
  onGranted: () => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    const asked = kinds.map((name) =>
      navigator.permissions.query({ name: name as PermissionName }),
    );
    const known = await Promise.all(asked);
    const look = () => known.every((permission) => permission.state === "granted") && onGranted();
    for (const permission of known) permission.addEventListener("change", look, { signal });
  } catch {
    // Some browsers do not tell; there the button does.
  }
}
