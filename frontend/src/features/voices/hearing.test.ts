import { describe, expect, test } from "vitest";
import { flawOf, hear, isNoisyRoom, joinSentences, spoken_s } from "./hearing";
import { duration_s, type Sound } from "./wav";

const RATE = 16_000;
const EXPECTED_S = 3;

interface Wish {
  /** Peak of the voice. */
  voice?: number;
  /** Peak of the noise all through. */
  noise?: number;
  before_s?: number;
  speech_s?: number;
  after_s?: number;
  /** Beyond it everything is cut off flat. */
  limit?: number;
}

/** Syllables of a buzz, four a second, in a room. */
function sentence(wish: Wish = {}): Sound {
  const { voice = 0.3, noise = 0.001, limit = 1 } = wish;
  const { before_s = 0.5, speech_s = 3, after_s = 0.3 } = wish;
  const samples = new Float32Array(Math.round((before_s + speech_s + after_s) * RATE));
  let random = 1;
  for (let at = 0; at < samples.length; at += 1) {
    random = (random * 16_807) % 2_147_483_647;
    const hiss = noise * ((2 * random) / 2_147_483_647 - 1);
    const t = at / RATE - before_s;
    const isSpoken = t >= 0 && t < speech_s;
    const syllable = isSpoken ? 0.02 + 0.98 * Math.abs(Math.sin(4 * Math.PI * t)) : 0;
    const buzz = Math.sin(2 * Math.PI * 140 * t) + 0.4 * Math.sin(2 * Math.PI * 700 * t);
    samples[at] = Math.max(-limit, Math.min(limit, (voice * syllable * buzz) / 1.4 + hiss));
  }
  return { samples, sampleRateHz: RATE };
}

const flawIn = (wish: Wish) => flawOf(hear(sentence(wish)), EXPECTED_S);

describe("a sentence", () => {
  test("read as it should be has no flaw, and is found where it was spoken", () => {
    const heard = hear(sentence());
    expect(flawOf(heard, EXPECTED_S)).toBeNull();
    expect(heard.start_s).toBeCloseTo(0.5, 1);
    expect(heard.end_s).toBeCloseTo(3.5, 1);
    expect(heard.snr_db).toBeGreaterThan(30);
  });

  test.each<[string, Wish, string | null]>([
    ["of a room without a voice", { voice: 0 }, "silent"],
    ["of digital silence", { voice: 0, noise: 0 }, "silent"],
    ["that is cut off in its loud places", { voice: 2 }, "loud"],
    ["that was cut off before a quiet gain", { voice: 2, limit: 0.2 }, "loud"],
    ["of which half is missing", { speech_s: 1.2 }, "short"],
    ["whispered from afar", { voice: 0.02, noise: 0.0002 }, "quiet"],
    ["beside a fan", { noise: 0.05 }, "noisy"],
    ["in a room that can just be heard", { noise: 0.008 }, null],
    ["begun at once", { before_s: 0, after_s: 0.1 }, null],
    ["that never ends", { speech_s: 9.5 }, "long"],
  ])("%s: %j is %s", (_name, wish, flaw) => {
    expect(flawIn(wish)).toBe(flaw);
  });

  test("is not begun by a click", () => {
    const sound = sentence();
    sound.samples.fill(0.9, 0.1 * RATE, 0.1 * RATE + 200);
    expect(hear(sound).start_s).toBeCloseTo(0.5, 1);
  });

  test("hummed at one height is not cut off", () => {
    const samples = new Float32Array(4 * RATE);
    for (let at = 0.5 * RATE; at < 3.5 * RATE; at += 1) {
      samples[at] = 0.3 * Math.sin((2 * Math.PI * 150 * at) / RATE);
    }
    expect(flawOf(hear({ samples, sampleRateHz: RATE }), EXPECTED_S)).toBeNull();
  });

  test("that is shorter than a frame is silent", () => {
    expect(flawOf(hear({ samples: new Float32Array(10), sampleRateHz: RATE }), 3)).toBe("silent");
  });
});

test.each([
  ["quiet", { voice: 0, noise: 0.002 }, false],
  ["noisy", { voice: 0, noise: 0.03 }, true],
  ["one in which somebody speaks already", { before_s: 0, noise: 0.03 }, null],
])("a moment of a room: %s", (_name, wish, expected) => {
  const { samples } = sentence(wish);
  const moment = { samples: samples.slice(0, RATE / 2), sampleRateHz: RATE };
  expect(isNoisyRoom(moment)).toBe(expected);
});

describe("joined sentences", () => {
  const spoken = (wish: Wish) => {
    const sound = sentence(wish);
    return { sound, heard: hear(sound) };
  };

  test("are about 0.3 s apart, however long the silence around them was", () => {
    const parts = [spoken({ before_s: 2 }), spoken({ after_s: 0, before_s: 0 })];
    const length_s = parts.reduce((sum, { heard }) => sum + spoken_s(heard) + 0.3, 0);
    expect(duration_s(joinSentences(parts))).toBeCloseTo(length_s, 2);
  });

  test("pause in the sound of the room, which is judged as noisy as before", () => {
    const noisy = { noise: 0.05 };
    const joined = joinSentences([spoken(noisy), spoken(noisy), spoken(noisy)]);
    expect(flawOf(hear(joined), 3 * EXPECTED_S)).toBe("noisy");
  });

  test("of two microphones have one rate", () => {
    const other = spoken({});
    const halved = other.sound.samples.filter((_, at) => at % 2 === 0);
    const slow = { ...other, sound: { samples: halved, sampleRateHz: RATE / 2 } };
    const joined = joinSentences([spoken({}), slow]);
    expect(joined.sampleRateHz).toBe(RATE);
    expect(duration_s(joined)).toBeCloseTo(2 * 3.3, 0);
  });
});
