/** The open camera and microphone, and what happens to them. */

import {
  type Choice,
  type Devices,
  listDevices,
  openStream,
  stopTracks,
  watchTrack,
} from "../../lib/devices";
import { constraintsFor } from "./devices";

export interface CameraEvents {
  onLost: (device: "camera" | "microphone") => void;
  /** Another app or a call has taken a device, or has given it back. */
  onMuted: (isMuted: boolean) => void;
}

export class Camera {
  private constructor(
    readonly stream: MediaStream,
    readonly devices: Devices,
    private readonly listening: AbortController,
  ) {}

  /** Ask for the chosen devices. raises: the DOMException of getUserMedia */
  static async open(choice: Choice, events: CameraEvents): Promise<Camera> {
    const stream = await openStream(choice, constraintsFor);
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

  private watch(track: MediaStreamTrack, { onLost, onMuted }: CameraEvents): void {
    const device = track.kind === "video" ? "camera" : "microphone";
    const events = {
      onLost: () => onLost(device),
      onMuted: (isMuted: boolean) => onMuted(isMuted || this.isAnyMuted),
    };
    watchTrack(track, events, this.listening.signal);
  }

  private get isAnyMuted(): boolean {
    return this.stream.getTracks().some((track) => track.muted);
  }
}
