/** Shows that the microphone hears something. */

import { element } from "../../player/elements";

/** What the meter spans: quieter than this, in decibels of full scale, is silence to it. */
const QUIET_DB = -50;

/** A meter of what `stream` carries; it stops with `stop`. */
export function levelMeter(
  stream: MediaStream,
  label: string,
): { root: HTMLElement; stop: () => void } {
  const meter = element("meter", { min: "0", max: "1", class: "level", "aria-label": label });
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let frame = 0;
  const look = (): void => {
    analyser.getFloatTimeDomainData(samples);
    const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    meter.value = Math.max(0, 1 - (20 * Math.log10(peak)) / QUIET_DB);
    frame = requestAnimationFrame(look);
  };
  look();
  return {
    root: meter,
    stop() {
      cancelAnimationFrame(frame);
      void context.close().catch(() => undefined);
    },
  };
}
