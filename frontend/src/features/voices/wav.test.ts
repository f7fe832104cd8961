import { expect, test } from "vitest";
import { atRate, decodeWav, encodeWav, joinBlocks, type Sound, stretchOf } from "./wav";

const sound = (samples: number[], sampleRateHz = 10): Sound => ({
  samples: Float32Array.from(samples),
  sampleRateHz,
});
const samplesOf = (made: Sound): number[] => [...made.samples];

test("a WAV file gives back the samples and their rate", () => {
  const read = decodeWav(encodeWav(sound([0, 0.5, -0.5, 1, -1], 44_100)));
  expect(read.sampleRateHz).toBe(44_100);
  for (const [at, sample] of [0, 0.5, -0.5, 1, -1].entries()) {
    expect(read.samples[at]).toBeCloseTo(sample, 4);
  }
});

test("a WAV file says what it holds, as every program reads it", () => {
  const view = new DataView(encodeWav(sound([0.1, 0.2, 0.3], 48_000)));
  const text = (from: number, to: number) =>
    String.fromCharCode(...new Uint8Array(view.buffer.slice(from, to)));
  expect([text(0, 4), text(8, 16), text(36, 40)]).toEqual(["RIFF", "WAVEfmt ", "data"]);
  expect(view.getUint32(4, true)).toBe(view.byteLength - 8);
  expect(view.getUint32(28, true)).toBe(96_000);
  expect(view.getUint32(40, true)).toBe(6);
});

test("what is louder than a WAV file can say is cut off, and does not turn over", () => {
  const { samples } = decodeWav(encodeWav(sound([1.7, -1.7])));
  expect(samples[0]).toBeCloseTo(1, 4);
  expect(samples[1]).toBeCloseTo(-1, 4);
});

test("blocks are joined in their order", () => {
  const blocks = [Float32Array.of(1, 2), Float32Array.of(3)];
  expect(samplesOf(joinBlocks(blocks, 10))).toEqual([1, 2, 3]);
});

test.each([
  ["within the sound", 0.1, 0.3, [2, 3]],
  ["before its beginning", -0.2, 0.2, [0, 0, 1, 2]],
  ["beyond its end", 0.3, 0.6, [4, 0, 0]],
])("a stretch %s", (_name, from, to, expected) => {
  expect(samplesOf(stretchOf(sound([1, 2, 3, 4]), from, to))).toEqual(expected);
});

test("another rate keeps the length and the shape", () => {
  const halved = atRate(sound([0, 1, 2, 3, 4, 5], 10), 5);
  expect(samplesOf(halved)).toEqual([0, 2, 4]);
  const doubled = atRate(sound([0, 2, 4], 5), 10);
  expect(samplesOf(doubled)).toEqual([0, 1, 2, 3, 4, 4]);
});
