/**
 * Hands the microphone's samples to the page, some forty milliseconds at a time. Plain JavaScript:
 * the browser loads this file as it is.
 */

const BLOCK = 2048;

class Tap extends AudioWorkletProcessor {
  block = new Float32Array(BLOCK);
  filled = 0;

  process([[channel] = []]) {
    for (const sample of channel ?? []) {
      this.block[this.filled] = sample;
      this.filled += 1;
      if (this.filled === BLOCK) this.handOver();
    }
    return true;
  }

  handOver() {
    this.port.postMessage(this.block, [this.block.buffer]);
    this.block = new Float32Array(BLOCK);
    this.filled = 0;
  }
}

registerProcessor("tap", Tap);
