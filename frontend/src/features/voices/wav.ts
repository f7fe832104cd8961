/** Mono sound in memory, and as WAV files of 16 bits. */

export interface Sound {
  /** In [-1, 1]. */
  samples: Float32Array<ArrayBuffer>;
  sampleRateHz: number;
}

export const WAV_TYPE = "audio/wav";
const HEADER_BYTES = 44;
const FULL_SCALE = 32767;

export const duration_s = ({ samples, sampleRateHz }: Sound): number =>
  samples.length / sampleRateHz;

/** Join what a microphone has given block by block. */
export function joinBlocks(blocks: readonly Float32Array[], sampleRateHz: number): Sound {
  const samples = new Float32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let place = 0;
  for (const block of blocks) {
    samples.set(block, place);
    place += block.length;
  }
  return { samples, sampleRateHz };
}

/** Write a WAV file: PCM, 16 bits, one channel. */
export function encodeWav({ samples, sampleRateHz }: Sound): ArrayBuffer {
  const soundBytes = samples.length * 2;
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + soundBytes));
  const write = (place: number, text: string) => {
    for (let at = 0; at < text.length; at += 1) view.setUint8(place + at, text.charCodeAt(at));
  };
  write(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + soundBytes, true);
  write(8, "WAVEfmt ");
  view.setUint32(16, 16, true); // bytes of this chunk
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * 2, true); // bytes a second
  view.setUint16(32, 2, true); // bytes a frame
  view.setUint16(34, 16, true); // bits a sample
  write(36, "data");
  view.setUint32(40, soundBytes, true);
  samples.forEach((sample, at) => {
    const limited = Math.max(-1, Math.min(1, sample));
    view.setInt16(HEADER_BYTES + at * 2, Math.round(limited * FULL_SCALE), true);
  });
  return view.buffer;
}

/** Read a WAV file that `encodeWav` has written. */
export function decodeWav(wav: ArrayBuffer): Sound {
  const view = new DataView(wav);
  const count = Math.floor((wav.byteLength - HEADER_BYTES) / 2);
  const samples = new Float32Array(count);
  for (let at = 0; at < count; at += 1) {
    samples[at] = view.getInt16(HEADER_BYTES + at * 2, true) / FULL_SCALE;
  }
  return { samples, sampleRateHz: view.getUint32(24, true) };
}

/** A stretch of sound in seconds; where it reaches beyond the ends there is silence. */
export function stretchOf(sound: Sound, from_s: number, to_s: number): Sound {
  const { samples, sampleRateHz } = sound;
  const from = Math.round(from_s * sampleRateHz);
  const to = Math.max(from, Math.round(to_s * sampleRateHz));
  const stretch = new Float32Array(to - from);
  stretch.set(samples.subarray(Math.max(0, from), Math.max(0, to)), Math.max(0, -from));
  return { samples: stretch, sampleRateHz };
}

/** The same sound at another rate: two microphones may have spoken in one sample. */
export function atRate(sound: Sound, sampleRateHz: number): Sound {
  if (sound.sampleRateHz === sampleRateHz) return sound;
  const step = sound.sampleRateHz / sampleRateHz;
  const samples = new Float32Array(Math.floor(sound.samples.length / step));
  // Straight lines between the samples: what they colour lies above the voice.
  for (let at = 0; at < samples.length; at += 1) {
    const place = Math.floor(at * step);
    const before = sound.samples[place] ?? 0;
    const after = sound.samples[place + 1] ?? before;
    samples[at] = before + (after - before) * (at * step - place);
  }
  return { samples, sampleRateHz };
}
