/** The open microphone, sample by sample, untouched by the browser's own sound processing. */

import {
  type Choice,
  type Device,
  listDevices,
  openStream,
  stopTracks,
  watchTrack,
} from "../../lib/devices";

export interface MicrophoneEvents {
  /** What has been heard since the block before: mono, in [-1, 1]. */
  onBlock: (block: Float32Array) => void;
  onLost: () => void;
  /** Another app or a call has taken the microphone, or has given it back. */
  onMuted: (isMuted: boolean) => void;
}

const TAP = new URL("./tap.worklet.js", import.meta.url);

/** Echo cancellation and friends cut the voice to a fifth of its level and colour it. */
const constraintsFor = ({ microphone }: Choice): MediaStreamConstraints => ({
  audio: {
    ...(microphone ? { deviceId: { exact: microphone.deviceId } } : {}),
    echoCancellation: false,
    noiseSuppression: false,
    autoGainControl: false,
    channelCount: 1,
  },
});

export class Microphone {
  private constructor(
    private readonly stream: MediaStream,
    private readonly context: AudioContext,
    /** Held, or a browser may take them for rubbish while they work. */
    private readonly nodes: readonly AudioNode[],
    readonly known: readonly Device[],
    private readonly listening: AbortController,
  ) {}

  /** Ask for the chosen microphone. raises: the DOMException of getUserMedia */
  static async open(wished: Device | null, events: MicrophoneEvents): Promise<Microphone> {
    // Made inside the click, before anything is waited for: Safari lets no other one run.
    const context = new AudioContext();
    const listening = new AbortController();
    let stream: MediaStream | null = null;
    try {
      const choice = { camera: null, microphone: wished, facing: "user" } as const;
      stream = await openStream(choice, constraintsFor);
      for (const track of stream.getTracks()) watchTrack(track, events, listening.signal);
      const nodes = await tap(context, stream, events.onBlock);
      const { microphones } = await listDevices();
      return new Microphone(stream, context, nodes, microphones, listening);
    } catch (error) {
      listening.abort();
      if (stream) stopTracks(stream);
      void context.close();
      throw error;
    }
  }

  get sampleRateHz(): number {
    return this.context.sampleRate;
  }

  get id(): string | undefined {
    return this.stream.getAudioTracks()[0]?.getSettings().deviceId;
  }

  /** A phone that was locked has put the sound to sleep. */
  wake(): void {
    if (this.context.state !== "running") void this.context.resume();
  }

  close(): void {
    this.listening.abort();
    stopTracks(this.stream);
    for (const node of this.nodes) node.disconnect();
    void this.context.close();
  }
}

async function tap(
  context: AudioContext,
  stream: MediaStream,
  onBlock: (block: Float32Array) => void,
): Promise<AudioNode[]> {
  await context.audioWorklet.addModule(TAP);
  const node = new AudioWorkletNode(context, "tap", {
    channelCount: 1,
    channelCountMode: "explicit",
  });
  node.port.onmessage = ({ data: block }) => onBlock(block);
  const source = context.createMediaStreamSource(stream);
  source.connect(node);
  // It says nothing; but only what leads to the loudspeaker is run everywhere.
  node.connect(context.destination);
  return [source, node];
}
