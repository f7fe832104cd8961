/** The browser's MediaRecorder with a clock that stands still in pauses, and its quirks evened out. */

import { isSafari, recordingType } from "./devices";

/** Safari needs at least a second. */
const SLICE_MS = 1000;
const TICK_MS = 200;
/** Good for a face at 720p; an hour stays below the server's limit of 2 GB. */
const VIDEO_BITS_S = 2_500_000;
const AUDIO_BITS_S = 128_000;

export interface RecorderEvents {
  onChunk: (chunk: Blob, elapsedS: number) => void;
  onTick: (elapsedS: number) => void;
  /** It has stopped, asked or not, and given its last chunk. */
  onStopped: (elapsedS: number) => void;
}

export class VideoRecorder {
  private readonly recorder: MediaRecorder;
  private recordedMs = 0;
  private sinceMs: number | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private isOver = false;

  /** raises: NotSupportedError where the browser records in none of the types it promised. */
  constructor(
    stream: MediaStream,
    private readonly events: RecorderEvents,
  ) {
    const type = recordingType((known) => MediaRecorder.isTypeSupported(known), isSafari());
    this.recorder = new MediaRecorder(stream, {
      ...(type ? { mimeType: type } : {}),
      videoBitsPerSecond: VIDEO_BITS_S,
      audioBitsPerSecond: AUDIO_BITS_S,
    });
    this.recorder.ondataavailable = ({ data: chunk }) => events.onChunk(chunk, this.elapsedS);
    this.recorder.onstop = () => this.finish();
    this.recorder.onerror = () => this.stop();
  }

  get mimeType(): string {
    return this.recorder.mimeType || "video/webm";
  }

  start(): void {
    this.recorder.start(SLICE_MS);
    this.run();
  }

  pause(): void {
    if (this.recorder.state !== "recording") return;
    this.recorder.pause();
    this.rest();
    this.flush();
  }

  resume(): void {
    if (this.recorder.state !== "paused") return;
    this.recorder.resume();
    this.run();
  }

  /** Hand over what has been recorded until now: the page may be about to die. */
  flush(): void {
    if (this.recorder.state !== "inactive") this.recorder.requestData();
  }

  stop(): void {
    this.rest();
    if (this.recorder.state === "inactive") this.finish();
    else this.recorder.stop();
  }

  private finish(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.rest();
    this.events.onStopped(this.elapsedS);
  }

  private get elapsedS(): number {
    const running = this.sinceMs === null ? 0 : performance.now() - this.sinceMs;
    return (this.recordedMs + running) / 1000;
  }

  private run(): void {
    this.sinceMs = performance.now();
    this.ticking = setInterval(() => this.events.onTick(this.elapsedS), TICK_MS);
  }

  private rest(): void {
    this.recordedMs = this.elapsedS * 1000;
    this.sinceMs = null;
    clearInterval(this.ticking);
  }
}
