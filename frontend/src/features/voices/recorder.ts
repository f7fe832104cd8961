/** Records a voice from the microphone, untouched by the browser's own sound processing. */

import { useCallback, useEffect, useRef, useState } from "react";
import { failureOf, type OpeningFailure, obstacle } from "../../lib/capture";

export const LONGEST_S = 120;
export const BEST_S = 20;

export type RecorderFailure = OpeningFailure | "ended" | "empty";

export interface Recording {
  file: File;
  url: string;
  duration_s: number;
}

export type RecorderState =
  | { phase: "idle" }
  | { phase: "asking" }
  | { phase: "recording" }
  | { phase: "done"; recording: Recording };

/** Chrome and Firefox write WebM, Safari MP4; the server reads both. */
const TYPES = [
  "audio/webm;codecs=opus",
  "audio/mp4;codecs=mp4a.40.2",
  "audio/mp4",
  "audio/ogg;codecs=opus",
];
/** Echo cancellation and friends cut the voice to a fifth of its level and colour it. */
const CONSTRAINTS: MediaStreamConstraints = {
  audio: {
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
    channelCount: 1,
  },
};
/** Safari needs at least a second. */
const SLICE_MS = 1000;

export interface Recorder {
  state: RecorderState;
  failure: RecorderFailure | null;
  /** Whether the longest recording was reached. */
  wasCut: boolean;
  /** The open microphone, for a level meter. */
  stream: MediaStream | null;
  /** Seconds since the start. */
  elapsed_s: number;
  start: () => Promise<void>;
  stop: () => void;
  reset: () => void;
}

export function useRecorder(): Recorder {
  const [state, setState] = useState<RecorderState>({ phase: "idle" });
  const [failure, setFailure] = useState<RecorderFailure | null>(null);
  const [wasCut, setWasCut] = useState(false);
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [elapsed_s, setElapsed] = useState(0);
  const session = useRef<Session | null>(null);

  const reset = useCallback(() => {
    session.current?.discard();
    session.current = null;
    setState((held) => {
      if (held.phase === "done") URL.revokeObjectURL(held.recording.url);
      return { phase: "idle" };
    });
    setStream(null);
    setFailure(null);
    setWasCut(false);
    setElapsed(0);
  }, []);
  useEffect(() => () => session.current?.discard(), []);

  const start = useCallback(async () => {
    reset();
    const hindrance = obstacle();
    if (hindrance) return setFailure(hindrance);
    setState({ phase: "asking" });
    const mine = new Session({
      onTick: setElapsed,
      onCut: () => setWasCut(true),
      onInterrupted: () => setFailure("ended"),
      onDone(recording) {
        setStream(null);
        setState(recording ? { phase: "done", recording } : { phase: "idle" });
        if (!recording) setFailure((known) => known ?? "empty");
      },
    });
    session.current = mine;
    try {
      const opened = await mine.open();
      if (session.current !== mine) return mine.discard();
      setStream(opened);
      setState({ phase: "recording" });
    } catch (error) {
      if (session.current !== mine) return;
      setFailure(failureOf(error));
      setState({ phase: "idle" });
    }
  }, [reset]);

  const stop = useCallback(() => session.current?.stop(), []);
  return { state, failure, wasCut, stream, elapsed_s, start, stop, reset };
}

interface SessionEvents {
  onTick: (elapsed_s: number) => void;
  onCut: () => void;
  onInterrupted: () => void;
  onDone: (recording: Recording | null) => void;
}

/** One recording from the opened microphone to the file. */
class Session {
  private stream: MediaStream | null = null;
  private recorder: MediaRecorder | null = null;
  private readonly chunks: Blob[] = [];
  private startedMs = 0;
  private clock: ReturnType<typeof setInterval> | undefined;
  private isDiscarded = false;

  constructor(private readonly events: SessionEvents) {}

  async open(): Promise<MediaStream> {
    const stream = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
    this.stream = stream;
    if (this.isDiscarded) {
      this.close();
      return stream;
    }
    const type = TYPES.find((known) => MediaRecorder.isTypeSupported(known));
    const recorder = new MediaRecorder(stream, {
      ...(type ? { mimeType: type } : {}),
      audioBitsPerSecond: 128_000,
    });
    this.recorder = recorder;
    recorder.ondataavailable = (event) => {
      if (event.data.size > 0) this.chunks.push(event.data);
    };
    recorder.onstop = () => this.finish(recorder.mimeType);
    // A microphone that is pulled out leaves the recorder waiting for more.
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.interrupt());
    recorder.start(SLICE_MS);
    this.startedMs = performance.now();
    this.clock = setInterval(() => this.tick(), 200);
    return stream;
  }

  stop(): void {
    clearInterval(this.clock);
    if (this.recorder?.state === "recording") this.recorder.stop();
  }

  discard(): void {
    this.isDiscarded = true;
    this.stop();
    this.close();
  }

  private get elapsed_s(): number {
    return (performance.now() - this.startedMs) / 1000;
  }

  private tick(): void {
    this.events.onTick(this.elapsed_s);
    if (this.elapsed_s < LONGEST_S) return;
    this.events.onCut();
    this.stop();
  }

  private interrupt(): void {
    if (this.recorder?.state !== "recording") return;
    this.events.onInterrupted();
    this.stop();
  }

  private finish(mimeType: string): void {
    const duration_s = this.elapsed_s;
    this.close();
    if (this.isDiscarded) return;
    const bytes = this.chunks.reduce((sum, chunk) => sum + chunk.size, 0);
    if (bytes === 0) {
      this.events.onDone(null);
      return;
    }
    const type = mimeType.split(";")[0] || "audio/webm";
    const name = `recording.${type.includes("mp4") ? "m4a" : type.includes("ogg") ? "ogg" : "webm"}`;
    const file = new File(this.chunks, name, { type, lastModified: Date.now() });
    this.events.onDone({ file, url: URL.createObjectURL(file), duration_s });
  }

  private close(): void {
    clearInterval(this.clock);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}
