/**
 * What is heard in a preview: each segment's sound by its content, so that after an edit only that
 * of the changed sentence is fetched; and the music, quieter while somebody speaks.
 */

import type { Preview } from "../../../lib/api";
import { levelAt, levelsOf, segmentAt } from "./stage";

interface Heard {
  buffer: AudioBuffer;
  levels: Float32Array;
}

/** As far below the voice as in the video, and where it is pushed down to. */
const MUSIC_GAIN = 0.35;
const DUCKED_GAIN = 0.12;
const FADE_S = 2;

const urlsOf = ({ segments, music_url }: Preview): string[] => [
  ...segments.map(({ sound_url }) => sound_url),
  ...(music_url ? [music_url] : []),
];

export type Load = (url: string) => Promise<ArrayBuffer>;

export class PreviewSound {
  private readonly context = new AudioContext();
  private readonly held = new Map<string, Promise<Heard>>();
  private readonly decoded = new Map<string, Heard>();
  private sources: AudioScheduledSourceNode[] = [];
  private music: { gain: GainNode; source: AudioBufferSourceNode } | null = null;
  private preview: Preview | null = null;
  private heard: (Heard | undefined)[] = [];
  private startedAt = 0;
  private from = 0;
  isPlaying = false;

  constructor(private readonly load: Load) {}

  /** Fetch what is new of `preview`; what was fetched for an earlier one is kept. */
  async fetch(preview: Preview): Promise<void> {
    await Promise.all(urlsOf(preview).map((url) => this.fetched(url)));
  }

  /** Play `preview` from now on, whose sounds were fetched. */
  show(preview: Preview): void {
    this.pause();
    // A draft and what follows it take turns: the sounds of both serve again after an edit.
    this.forgetAllBut([...urlsOf(preview), ...(this.preview ? urlsOf(this.preview) : [])]);
    this.heard = preview.segments.map(({ sound_url }) => this.decoded.get(sound_url));
    this.preview = preview;
  }

  private forgetAllBut(urls: string[]): void {
    for (const url of [...this.decoded.keys()].filter((known) => !urls.includes(known))) {
      this.held.delete(url);
      this.decoded.delete(url);
    }
  }

  private fetched(url: string): Promise<Heard> {
    const known = this.held.get(url);
    if (known) return known;
    const coming = this.load(url)
      .then((bytes) => this.context.decodeAudioData(bytes))
      .then((buffer) => ({
        buffer,
        levels: levelsOf(buffer.getChannelData(0), buffer.sampleRate),
      }));
    this.held.set(url, coming);
    coming.then(
      (heard) => this.decoded.set(url, heard),
      () => this.held.delete(url),
    );
    return coming;
  }

  get timeS(): number {
    if (!this.isPlaying) return this.from;
    return this.from + Math.max(this.context.currentTime - this.startedAt, 0);
  }

  /** How loud the voice is at `timeS`. */
  level(timeS: number): number {
    const { preview } = this;
    const segment = preview && segmentAt(preview, timeS);
    if (!preview || !segment) return 0;
    const heard = this.heard[preview.segments.indexOf(segment)];
    return levelAt(heard?.levels, timeS - segment.start_frame / preview.frame_rate);
  }

  async play(): Promise<void> {
    const { preview } = this;
    if (!preview || this.isPlaying) return;
    await this.context.resume();
    if (this.from >= preview.duration_s) this.from = 0;
    this.startedAt = this.context.currentTime;
    this.isPlaying = true;
    preview.segments.forEach(({ start_frame }, place) => {
      const heard = this.heard[place];
      if (heard) this.schedule(heard.buffer, start_frame / preview.frame_rate);
    });
    await this.playMusic(preview);
  }

  private schedule(buffer: AudioBuffer, atS: number): void {
    const late = this.from - atS;
    if (late >= buffer.duration) return;
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.context.destination);
    source.start(this.startedAt + Math.max(-late, 0), Math.max(late, 0));
    this.sources.push(source);
  }

  private async playMusic(preview: Preview): Promise<void> {
    if (!preview.music_url) return;
    const { buffer } = await this.fetched(preview.music_url);
    if (!this.isPlaying) return;
    const source = this.context.createBufferSource();
    const gain = this.context.createGain();
    Object.assign(source, { buffer, loop: true });
    gain.gain.value = MUSIC_GAIN;
    source.connect(gain).connect(this.context.destination);
    source.start(0, this.timeS % buffer.duration);
    this.music = { gain, source };
    this.sources.push(source);
  }

  /** Bring the music to where it belongs at this moment; called for every picture. */
  duck(): void {
    const { preview, music } = this;
    if (!preview || !music) return;
    const left = Math.min(Math.max((preview.duration_s - this.timeS) / FADE_S, 0), 1);
    const spoken = this.level(this.timeS) > 0.2 ? DUCKED_GAIN : MUSIC_GAIN;
    music.gain.gain.setTargetAtTime(spoken * left, this.context.currentTime, 0.12);
  }

  pause(): void {
    this.from = this.timeS;
    this.isPlaying = false;
    for (const source of this.sources) source.stop();
    this.sources = [];
    this.music = null;
  }

  seek(timeS: number): void {
    const wasPlaying = this.isPlaying;
    this.pause();
    this.from = timeS;
    if (wasPlaying) void this.play();
  }

  close(): void {
    this.pause();
    void this.context.close();
  }
}
