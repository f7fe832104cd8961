/**
 * A reply by voice or video in three taps: the way, Stop, Send.
 *
 * Voice is recorded as soon as the microphone is open; before a video a countdown gives time to look
 * into the camera. Nothing leaves the browser before Send.
 */

import "./reply.css";
import { element } from "../../player/elements";
import { formatTime } from "../../player/format";
import type { ReplyOptions, ReplyRoom } from "../replyWays";
import { spoken } from "../words";
import { levelMeter } from "./level";
import { nameField, refusalWords, showSent } from "./sent";
import type { Take, Taking } from "./take";
import { keepAwake, kindOf, LONGEST_S, type Medium, obstacleOf, openTaking } from "./take";
import { type Obstacle, type ReplyTexts, replyTexts } from "./texts";
import { type GuestUpload, guestUpload } from "./upload";

const COUNTDOWN = 3;

/** Open the studio and ask for the devices at once: the tap that opened it is the first of three. */
export function openStudio(medium: Medium, options: ReplyOptions): ReplyRoom {
  const studio = new Studio(medium, options);
  void studio.open();
  return studio;
}

class Studio implements ReplyRoom {
  readonly root = element("div", { class: "studio" });
  private readonly texts: ReplyTexts;
  private readonly status = spoken();
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private readonly place = element("div", { class: "studio-place" });
  private readonly bar = element("div", { class: "buttons" });
  private readonly leaving = new AbortController();
  private readonly cancelButton: HTMLButtonElement;
  private taking: Taking | null = null;
  private clock: ReturnType<typeof setInterval> | undefined;
  private stopMeter: () => void = () => undefined;
  private sleepAgain: () => void = () => undefined;
  private address: string | null = null;

  constructor(
    private readonly medium: Medium,
    private readonly options: ReplyOptions,
  ) {
    this.texts = replyTexts[options.locale];
    this.cancelButton = this.button(this.texts.cancel, options.onDone);
    this.root.append(this.place, this.problem, this.bar, this.status);
  }

  focus(): void {
    const first = "button, [tabindex]";
    (this.place.querySelector<HTMLElement>(first) ?? this.bar.querySelector("button"))?.focus();
  }

  leave(): void {
    this.leaving.abort();
    this.release();
    if (this.address) URL.revokeObjectURL(this.address);
  }

  private release(): void {
    clearInterval(this.clock);
    this.stopMeter();
    this.sleepAgain();
    this.taking?.discard();
    this.taking = null;
  }

  // --- opening -------------------------------------------------------------------------------------

  async open(): Promise<void> {
    this.options.onRecording();
    if (!window.isSecureContext) return this.hinder("insecure");
    const asking = element("p", { tabindex: "-1" }, this.texts.asking[this.medium]);
    this.show([asking], []);
    try {
      const taking = await openTaking(this.medium, () => void this.lost());
      if (this.leaving.signal.aborted) return taking.discard();
      this.taking = taking;
      this.sleepAgain = keepAwake();
      if (this.medium === "video") this.countDown(taking);
      else this.record(taking);
    } catch (error) {
      if (!this.leaving.signal.aborted) this.hinder(obstacleOf(error));
    }
  }

  private hinder(obstacle: Obstacle): void {
    this.release();
    this.problem.textContent = this.texts.obstacles[obstacle];
    const again = this.button(this.texts.tryAgain, () => {
      this.problem.textContent = "";
      void this.open();
    });
    this.show([], [again]);
    again.focus();
  }

  // --- recording -----------------------------------------------------------------------------------

  private countDown(taking: Taking): void {
    let left = COUNTDOWN;
    const number = element("p", { class: "countdown", "aria-hidden": "true" });
    const tell = (): void => {
      number.textContent = String(left);
      this.status.textContent = this.texts.startsIn(left);
    };
    const begin = (): void => {
      clearInterval(this.clock);
      this.record(taking);
    };
    const now = this.button(this.texts.startNow, begin, true);
    const scene = element("div", { class: "scene" }, mirror(taking.stream), number);
    this.show([scene], [now]);
    now.focus();
    tell();
    this.clock = setInterval(() => {
      left -= 1;
      if (left > 0) tell();
      else begin();
    }, 1000);
  }

  private record(taking: Taking): void {
    taking.begin();
    const time = element("span", { role: "timer" });
    const light = element("span", { class: "light", "aria-hidden": "true" });
    const head = element("p", { class: "on-air" }, light, `${this.texts.recording} `, time);
    const meter = levelMeter(taking.stream, this.texts.level);
    this.stopMeter = meter.stop;
    const stop = this.button(this.texts.stop, () => void this.finish(taking), true);
    const scene = this.medium === "video" ? [mirror(taking.stream)] : [];
    this.show([...scene, head, meter.root], [stop]);
    stop.focus();
    this.status.textContent = this.texts.recording;
    const tick = (): void => {
      time.textContent = `${formatTime(taking.elapsedS())} / ${formatTime(LONGEST_S)}`;
      if (taking.elapsedS() >= LONGEST_S) void this.finish(taking, this.texts.reachedEnd);
    };
    tick();
    this.clock = setInterval(tick, 250);
  }

  /** The microphone or the camera went away: what there is, is kept. */
  private async lost(): Promise<void> {
    const { taking } = this;
    if (!taking) return;
    if (taking.elapsedS() === 0) this.hinder("busy");
    else await this.finish(taking, this.texts.obstacles.ended);
  }

  private async finish(taking: Taking, note = ""): Promise<void> {
    if (this.taking !== taking) return;
    this.taking = null;
    clearInterval(this.clock);
    this.stopMeter();
    this.sleepAgain();
    const take = await taking.stop();
    if (this.leaving.signal.aborted) return;
    if (!take) return this.hinder("empty");
    this.review(take, note);
  }

  // --- sending -------------------------------------------------------------------------------------

  private review(take: Take, note: string): void {
    const upload = this.prepare(take);
    const name = nameField(this.options);
    const words = element("p", { class: "quiet" }, note);
    words.hidden = note === "";
    const send = this.button(this.texts.send, () => void this.send(upload, name.value()), true);
    const again = this.button(this.texts.again, () => void this.open());
    this.show([this.playback(take), words, name.root], [send, again]);
    this.status.textContent = note;
    send.focus();
  }

  private playback(take: Take): HTMLElement {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = URL.createObjectURL(take.file);
    const { listen, watch } = this.texts;
    const common = { src: this.address, controls: true, class: "take" };
    return this.medium === "voice"
      ? element("audio", { ...common, "aria-label": listen })
      : element("video", { ...common, playsinline: true, "aria-label": watch });
  }

  private prepare(take: Take): GuestUpload {
    return guestUpload({
      calls: this.options.calls,
      kind: kindOf(this.medium),
      file: take.file,
      filename: `reply.${take.type.includes("mp4") ? "mp4" : take.type.split("/")[1]}`,
      signal: this.leaving.signal,
      onProgress: (fraction) => this.showProgress(fraction),
    });
  }

  private async send(upload: GuestUpload, name: string | null): Promise<void> {
    if (this.place.inert) return;
    this.problem.textContent = "";
    this.place.inert = true;
    this.bar.hidden = true;
    const bar = element("progress", { max: "1", value: "0", "aria-label": this.texts.sending });
    const words = element("p", { class: "quiet", tabindex: "-1" }, this.texts.sending);
    const sending = element("div", { class: "sending" }, words, bar);
    this.root.append(sending);
    words.focus();
    try {
      const upload_id = await upload.send();
      await this.options.calls.reply({ name, upload_id });
      showSent(this.root, this.options);
    } catch (refusal) {
      if (this.leaving.signal.aborted) return;
      sending.remove();
      this.place.inert = false;
      this.bar.hidden = false;
      this.problem.textContent = refusalWords(refusal, this.options) ?? "";
      this.bar.querySelector("button")?.focus();
    }
  }

  private showProgress(fraction: number): void {
    const bar = this.root.querySelector("progress");
    const words = this.root.querySelector(".sending p");
    if (!bar || !words) return;
    bar.value = Math.min(1, fraction);
    const percent = Math.floor(fraction * 100);
    words.textContent = percent >= 100 ? this.texts.checking : this.texts.uploading(percent);
  }

  // --- parts ---------------------------------------------------------------------------------------

  /** Show a step and what can be pressed in it; giving up is always possible. */
  private show(parts: HTMLElement[], buttons: HTMLButtonElement[]): void {
    this.place.replaceChildren(...parts);
    this.bar.replaceChildren(...buttons, this.cancelButton);
  }

  private button(words: string, act: () => void, isMain = false): HTMLButtonElement {
    const name = isMain ? "button is-main" : "button";
    const made = element("button", { type: "button", class: name }, words);
    made.addEventListener("click", act);
    return made;
  }
}

/** One's own picture as in a mirror; what is recorded is not mirrored. */
function mirror(stream: MediaStream): HTMLVideoElement {
  const video = element("video", { class: "mirror", playsinline: true, "aria-hidden": "true" });
  video.muted = true;
  video.autoplay = true;
  video.srcObject = stream;
  return video;
}
