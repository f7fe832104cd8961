/**
 * The video player: the browser's own `<video>` with our controls, no framework.
 *
 * The recipient's page uses it directly, the app through `VideoPlayer`. The look hangs on data
 * attributes of the root (`data-state`, `data-waiting`, `data-idle`, …), so that nothing here sets
 * a style except the seek bar's fill, and a strict Content-Security-Policy is kept.
 */

import { attachCaptions, type Captions } from "./captions";
import { dress, element } from "./elements";
import { diagnose } from "./failure";
import { formatSpeed, formatTime } from "./format";
import { type IconName, icon } from "./icons";
import { actionOf, belongsToControl, type KeyAction } from "./keys";
import type { Failure, PlayerLabels } from "./labels";
import { type PositionMemory, positionMemory } from "./resume";

export type Aspect = "16:9" | "9:16" | "1:1";

export interface PlayerOptions {
  /** Null while there is nothing to play yet: `setSource` brings it. */
  src: string | null;
  /** A video of the page's own that has begun to load `src`; it is taken, where it does. */
  begun?: HTMLVideoElement | null | undefined;
  /** What the position is remembered by, where the source may change; else the source. */
  memoryKey?: string | undefined;
  poster?: string | null | undefined;
  /** A WebVTT file; without it there is no captions button. */
  captions?: string | null | undefined;
  /** BCP-47 tag of the captions and the speech. */
  captionsLanguage?: string | null | undefined;
  title: string;
  aspect: Aspect;
  /** The picture's own width by its height, where it is none of the aspects. */
  ratio?: number | null | undefined;
  /** Seconds, when known before the video's own metadata arrive. */
  durationS?: number | null | undefined;
  labels: PlayerLabels;
  /** What may be fetched before the first play; "metadata" unless said. */
  preload?: "none" | "metadata" | undefined;
  /**
   * Asked once, when the viewer first wants to play; the source is not touched before. Resolves to
   * whether it may play: where it may not, the page says why.
   */
  admit?: (() => Promise<boolean>) | undefined;
  /**
   * The source cannot be played: true where the page has another or will bring one, and the player
   * waits for it instead of telling a failure.
   */
  onUnplayable?: ((failure: Failure) => boolean) | undefined;
  /** The video is not there (any more): a page may say more about it than the player. */
  onGone?: (() => void) | undefined;
}

export interface Player {
  readonly root: HTMLElement;
  readonly video: HTMLVideoElement;
  /** Lies over the seek bar, as long as it: a page may mark moments in it. */
  readonly strip: HTMLElement;
  /** Lies behind the seek bar. */
  readonly underlay: HTMLElement;
  /** Play another file from now on, from the same place: the page decides when nobody is disturbed. */
  setSource(src: string): void;
  setPoster(poster: string): void;
  setCaptions(captions: string, language: string): void;
  /** Words under the big button while the video is being made; null takes them away. */
  setPreparing(words: string | null): void;
  /** Say why it does not play, with a button to try again. */
  fail(failure: Failure): void;
  /** Fetch what the first play will need, from now on. */
  warmUp(): void;
  destroy(): void;
}

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
/** Controls hide after this long without a movement while the video plays. */
const IDLE_MS = 2500;
/** A video that waits longer than this is asked what is the matter. */
const STALL_MS = 10_000;

/** iPhones know only these for full screen. */
type PhoneVideo = HTMLVideoElement & {
  webkitEnterFullscreen?: () => void;
};

/** Put a player for one video into `host`. */
export function createPlayer(host: HTMLElement, options: PlayerOptions): Player {
  const player = new VideoControls(options);
  host.append(player.root);
  return player;
}

class VideoControls implements Player {
  readonly root: HTMLElement;
  readonly video: HTMLVideoElement;
  private readonly labels: PlayerLabels;
  private readonly memory: PositionMemory;
  private captions: Captions | null;
  /** What the page has last given; attached once the viewer is let in. */
  private given: { captions: string; language: string } | null = null;
  private readonly listening = new AbortController();
  private readonly bigPlay = control("vm-big");
  private readonly bigHint = element("span", { class: "vm-big-hint" });
  private readonly fromStart = control("vm-text-button vm-from-start");
  private readonly playButton = control("vm-button");
  private readonly seekBar = slider("vm-seek", "seek");
  private readonly time = element("span", { class: "vm-time" });
  readonly strip = element("div", { class: "vm-strip", "aria-hidden": "true" });
  readonly underlay = element("div", { class: "vm-underlay", "aria-hidden": "true" });
  private readonly bottom = element("div", { class: "vm-bottom" });
  private readonly captionsButton = control("vm-button vm-captions-button");
  private readonly muteButton = control("vm-button");
  private readonly volumeBar = slider("vm-volume", "volume");
  private readonly speedList = element("select", { class: "vm-speed" });
  private readonly pipButton = control("vm-button vm-pip");
  private readonly fullButton = control("vm-button");
  private readonly failureText = element("p", { class: "vm-failure-text" });
  private readonly retryButton = control("vm-text-button");
  private readonly status = element("p", { class: "vm-status" });
  private source: string | null;
  private preparing: string | null = null;
  private isAdmitted: boolean;
  private isAsking = false;
  /** The viewer has pressed play, and there is nothing to play yet. */
  private isWanted = false;
  private hasEnded = false;
  private hint = "";
  private resumeS: number | null = null;
  private lastSavedS = 0;
  private isSeeking = false;
  private failure: Failure | null = null;
  private idleTimer = 0;
  private stallTimer = 0;

  constructor(private readonly options: PlayerOptions) {
    this.labels = options.labels;
    this.source = options.src;
    this.isAdmitted = !options.admit;
    this.memory = positionMemory(options.memoryKey ?? options.src ?? "", () => window.localStorage);
    this.video = this.buildVideo();
    this.captions = this.buildCaptions();
    this.root = this.buildRoot();
    this.nameControls();
    this.listenToVideo();
    this.listenToControls();
    this.listenToPage();
    this.offerStart();
    this.showTime();
    this.showVolume();
    this.showPlaying();
  }

  setSource(src: string): void {
    if (src === this.source) return;
    this.source = src;
    if (!this.isAdmitted) return;
    const isGoingOn = this.isWanted || this.failure !== null || !this.video.paused;
    if (!this.video.ended) this.rememberPlace();
    this.video.src = src;
    this.setFailure(null);
    if (isGoingOn && (this.isWanted || "started" in this.root.dataset)) this.play();
    else this.rewind();
  }

  setPoster(poster: string): void {
    this.video.poster = poster;
  }

  setCaptions(captions: string, language: string): void {
    this.given = { captions, language };
    if (this.captions || !this.isAdmitted) return;
    this.captions = attachCaptions(this.video, captions, language, this.labels.captions);
    this.bottom.prepend(this.captions.layer);
    this.showCaptionsButton();
  }

  setPreparing(words: string | null): void {
    this.preparing = words;
    this.showHint();
  }

  fail(failure: Failure): void {
    this.setFailure(failure);
  }

  warmUp(): void {
    this.video.preload = "metadata";
  }

  destroy(): void {
    this.listening.abort();
    window.clearTimeout(this.idleTimer);
    window.clearTimeout(this.stallTimer);
    this.video.pause();
    // Without a source the browser lets go of the connection at once.
    this.video.removeAttribute("src");
    this.video.load();
    this.root.remove();
  }

  // --- building -------------------------------------------------------------------------------

  private buildVideo(): HTMLVideoElement {
    const { begun, poster, title, preload } = this.options;
    const src = (this.isAdmitted && this.source) || undefined;
    const looks = {
      class: "vm-video",
      poster: poster ?? undefined,
      playsinline: true,
      preload: preload ?? "metadata",
      "aria-label": title,
    };
    if (!begun || begun.error || begun.getAttribute("src") !== src)
      return element("video", { ...looks, src });
    begun.hidden = false;
    dress(begun, looks);
    return begun;
  }

  private buildCaptions(): Captions | null {
    const { captions, captionsLanguage } = this.options;
    if (!captions) return null;
    const language = captionsLanguage ?? "";
    this.given = { captions, language };
    if (!this.isAdmitted) return null;
    return attachCaptions(this.video, captions, language, this.labels.captions);
  }

  private buildRoot(): HTMLElement {
    const bar = element("div", {
      class: "vm-bar",
      role: "group",
      "aria-label": this.labels.controls,
    });
    const track = element("div", { class: "vm-track" }, this.underlay, this.seekBar, this.strip);
    const row = element("div", { class: "vm-row" });
    row.append(this.playButton, this.muteButton, this.volumeBar);
    row.append(element("span", { class: "vm-gap" }), this.captionsButton, this.speedList);
    row.append(this.pipButton, this.fullButton);
    bar.append(element("div", { class: "vm-seek-row" }, track, this.time), row);
    if (this.captions) this.bottom.append(this.captions.layer);
    this.bottom.append(bar);
    const start = element("div", { class: "vm-start" }, this.bigPlay, this.bigHint, this.fromStart);
    const failure = element("div", { class: "vm-failure" }, this.failureText, this.retryButton);
    const root = element("div", {
      class: `vm-player vm-aspect-${this.options.aspect.replace(":", "x")}`,
      role: "region",
      "aria-label": this.labels.region(this.options.title),
      tabindex: "-1",
      "data-state": "fresh",
    });
    const { ratio } = this.options;
    if (ratio) root.style.setProperty("--vm-ratio", ratio.toFixed(4));
    root.append(this.video, this.status, start, this.bottom, failure);
    return root;
  }

  private nameControls(): void {
    const { labels } = this;
    this.seekBar.setAttribute("aria-label", labels.seek);
    this.volumeBar.setAttribute("aria-label", labels.volume);
    this.volumeBar.max = "1";
    this.volumeBar.step = "0.05";
    this.speedList.setAttribute("aria-label", labels.speed);
    for (const speed of SPEEDS) {
      this.speedList.append(element("option", { value: String(speed) }, formatSpeed(speed)));
    }
    this.speedList.value = "1";
    this.fromStart.textContent = labels.fromStart;
    this.retryButton.textContent = labels.tryAgain;
    this.failureText.setAttribute("role", "alert");
    this.status.setAttribute("role", "status");
    face(this.captionsButton, "captions", labels.captions);
    this.showCaptionsButton();
    face(this.pipButton, "pictureInPicture", labels.pictureInPicture);
    this.pipButton.hidden = !document.pictureInPictureEnabled;
    face(this.fullButton, "fullScreen", labels.fullScreen);
    this.fullButton.hidden = !this.canFillScreen();
  }

  // --- listening ------------------------------------------------------------------------------

  private listenToVideo(): void {
    const on = this.listener(this.video);
    on("loadedmetadata", () => this.metadataArrived());
    on("durationchange", () => this.showTime());
    on("timeupdate", () => this.timePassed());
    on("play", () => this.showPlaying());
    on("playing", () => this.flowing());
    on("canplay", () => this.flowing());
    on("waiting", () => this.waiting());
    on("pause", () => this.showPlaying());
    on("ended", () => this.finished());
    on("volumechange", () => this.showVolume());
    on("ratechange", () => this.showSpeed());
    on("error", () => void this.explainFailure());
    on("enterpictureinpicture", () => this.showPictureInPicture(true));
    on("leavepictureinpicture", () => this.showPictureInPicture(false));
    on("webkitbeginfullscreen", () => this.captions?.setNative(true));
    on("webkitendfullscreen", () => this.captions?.setNative(false));
    on("click", (event) => this.videoClicked(event as PointerEvent));
  }

  private listenToControls(): void {
    this.listener(this.bigPlay)("click", () => this.playFrom(this.resumeS ?? 0));
    this.listener(this.fromStart)("click", () => this.playFrom(0));
    this.listener(this.playButton)("click", () => this.toggle());
    this.listener(this.captionsButton)("click", () => this.toggleCaptions());
    this.listener(this.muteButton)("click", () => this.toggleMute());
    this.listener(this.pipButton)("click", () => void this.togglePictureInPicture());
    this.listener(this.fullButton)("click", () => void this.toggleFullScreen());
    this.listener(this.retryButton)("click", () => this.retry());
    this.listener(this.volumeBar)("input", () => this.setVolume(Number(this.volumeBar.value)));
    this.listener(this.speedList)("change", () => {
      this.video.playbackRate = Number(this.speedList.value);
    });
    const onSeek = this.listener(this.seekBar);
    onSeek("input", () => {
      this.isSeeking = true;
      this.seekTo(Number(this.seekBar.value));
    });
    onSeek("change", () => {
      this.isSeeking = false;
    });
    const on = this.listener(this.root);
    on("keydown", (event) => this.keyPressed(event as KeyboardEvent));
    on("pointermove", () => this.wake());
    on("focusin", () => this.wake());
  }

  private listenToPage(): void {
    this.listener(document)("fullscreenchange", () => this.showFullScreen());
    this.listener(window)("pagehide", () => this.savePosition());
    this.listener(window)("online", () => {
      if (this.failure === "offline") this.retry();
    });
  }

  private listener(target: EventTarget) {
    const { signal } = this.listening;
    return (name: string, listener: (event: Event) => void): void =>
      target.addEventListener(name, listener, { signal });
  }

  // --- what the viewer does -------------------------------------------------------------------

  private toggle(): void {
    if (this.video.ended) this.playFrom(0);
    else if (this.root.dataset.state === "fresh") this.playFrom(this.resumeS ?? 0);
    else if (this.video.paused) this.play();
    else this.video.pause();
  }

  private playFrom(timeS: number): void {
    // Where the metadata are still on their way, Safari drops a seek: they carry it out.
    this.resumeS = timeS;
    if (this.video.readyState >= HTMLMediaElement.HAVE_METADATA) this.video.currentTime = timeS;
    this.play();
  }

  private play(): void {
    if (!this.isAdmitted) return void this.askAdmission();
    this.isWanted = this.source === null;
    this.root.toggleAttribute("data-wanted", this.isWanted);
    this.showHint();
    if (this.isWanted) return;
    const focused = document.activeElement;
    const losesFocus = this.root.contains(focused) && !this.bottom.contains(focused);
    this.root.dataset.started = "";
    // A refusal (autoplay rules, a source that just failed) shows itself in the element's state.
    this.video.play().catch(() => this.showPlaying());
    this.showPlaying();
    // The button that was pressed is hidden now, maybe long after the press.
    if (losesFocus) this.playButton.focus({ preventScroll: true });
  }

  private async askAdmission(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    // Safari allows sound after an answer from the network only to an element that was touched
    // inside the tap.
    this.video.load();
    this.waiting();
    const mayPlay = await this.options.admit?.();
    this.isAsking = false;
    this.isAdmitted = mayPlay ?? true;
    this.flowing();
    if (!this.isAdmitted || this.listening.signal.aborted) return;
    if (this.given) this.setCaptions(this.given.captions, this.given.language);
    if (this.source) this.video.src = this.source;
    this.play();
  }

  /** Back to the poster and the big button, from where the next play starts. */
  private rewind(): void {
    delete this.root.dataset.started;
    this.showTime();
    this.offerStart();
    this.showPlaying();
  }

  private seekTo(timeS: number): void {
    if (!this.isAdmitted || !this.source) return;
    const end = this.duration();
    this.video.currentTime = Math.max(0, Math.min(timeS, end));
    this.root.dataset.started = "";
    this.showTime();
    this.showPlaying();
  }

  private setVolume(volume: number): void {
    this.video.volume = Math.max(0, Math.min(1, volume));
    this.video.muted = this.video.volume === 0;
  }

  private toggleMute(): void {
    const isSilent = this.video.muted || this.video.volume === 0;
    this.video.muted = !isSilent;
    if (isSilent && this.video.volume === 0) this.video.volume = 0.5;
  }

  private toggleCaptions(): void {
    if (!this.captions) return;
    this.captions.setOn(!this.captions.isOn());
    this.captionsButton.setAttribute("aria-pressed", String(this.captions.isOn()));
  }

  private stepSpeed(direction: 1 | -1): void {
    const index = SPEEDS.indexOf(this.video.playbackRate) + direction;
    const speed = SPEEDS[index];
    if (speed !== undefined) this.video.playbackRate = speed;
  }

  private async togglePictureInPicture(): Promise<void> {
    if (!document.pictureInPictureEnabled) return;
    try {
      if (document.pictureInPictureElement === this.video) await document.exitPictureInPicture();
      else await this.video.requestPictureInPicture();
    } catch {
      // Refused, or no metadata yet: the video simply stays where it is.
    }
  }

  private canFillScreen(): boolean {
    return document.fullscreenEnabled || "webkitEnterFullscreen" in this.video;
  }

  private async toggleFullScreen(): Promise<void> {
    try {
      if (document.fullscreenElement) await document.exitFullscreen();
      else if (document.fullscreenEnabled) await this.root.requestFullscreen();
      else (this.video as PhoneVideo).webkitEnterFullscreen?.();
    } catch {
      // Refused by the browser or its owner: the video stays in the page.
    }
  }

  private videoClicked(event: PointerEvent): void {
    this.root.focus({ preventScroll: true });
    const areControlsHidden = "idle" in this.root.dataset;
    if (event.pointerType === "touch" && areControlsHidden) this.wake();
    else this.toggle();
  }

  private keyPressed(event: KeyboardEvent): void {
    this.wake();
    const target = event.target instanceof Element ? event.target : null;
    if (belongsToControl(event.key, target)) return;
    // Space on the video itself or the seek bar plays; on a button it presses the button.
    const action: KeyAction | null =
      event.key === " " && !(target instanceof HTMLButtonElement)
        ? { kind: "toggle" }
        : actionOf(event);
    if (!action || this.failure) return;
    event.preventDefault();
    this.perform(action);
  }

  private perform(action: KeyAction): void {
    if (action.kind === "toggle") this.toggle();
    else if (action.kind === "seekBy") this.seekTo(this.video.currentTime + action.deltaS);
    else if (action.kind === "seekTo") this.seekTo(this.duration() * action.fraction);
    else if (action.kind === "volumeBy") this.setVolume(this.video.volume + action.delta);
    else if (action.kind === "speedStep") this.stepSpeed(action.direction);
    else if (action.kind === "mute") this.toggleMute();
    else if (action.kind === "captions") this.toggleCaptions();
    else if (action.kind === "fullScreen") void this.toggleFullScreen();
    else void this.togglePictureInPicture();
  }

  private wake(): void {
    delete this.root.dataset.idle;
    window.clearTimeout(this.idleTimer);
    if (this.video.paused) return;
    this.idleTimer = window.setTimeout(() => {
      this.root.dataset.idle = "";
    }, IDLE_MS);
  }

  // --- what the video does --------------------------------------------------------------------

  private metadataArrived(): void {
    this.showTime();
    if (this.resumeS !== null && "started" in this.root.dataset) {
      this.video.currentTime = this.resumeS;
    } else {
      this.offerStart();
    }
  }

  private timePassed(): void {
    this.showTime();
    if (Math.abs(this.video.currentTime - this.lastSavedS) >= 1) this.savePosition();
  }

  private savePosition(): void {
    if (!("started" in this.root.dataset) || this.video.ended) return;
    this.lastSavedS = this.video.currentTime;
    this.memory.write(this.lastSavedS);
  }

  private finished(): void {
    this.hasEnded = true;
    this.memory.forget();
    this.resumeS = null;
    const hadFocus = this.root.contains(document.activeElement);
    this.showPlaying();
    if (hadFocus && !document.fullscreenElement) this.bigPlay.focus({ preventScroll: true });
  }

  private waiting(): void {
    this.root.dataset.waiting = "";
    this.status.textContent = this.labels.loading;
    window.clearTimeout(this.stallTimer);
    if (this.isAsking) return;
    this.stallTimer = window.setTimeout(() => void this.explainStall(), STALL_MS);
  }

  private flowing(): void {
    delete this.root.dataset.waiting;
    this.status.textContent = "";
    window.clearTimeout(this.stallTimer);
    this.setFailure(null);
    this.showPlaying();
  }

  /** A slow network is not a failure: only say something when the source cannot be reached. */
  private async explainStall(): Promise<void> {
    const failure = await this.askWhatFailed();
    if (failure !== "unplayable" && "waiting" in this.root.dataset) this.setFailure(failure);
  }

  private async explainFailure(): Promise<void> {
    const failed = this.source;
    if (this.listening.signal.aborted || !failed || !this.video.getAttribute("src")) return;
    this.rememberPlace();
    const failure = await this.askWhatFailed();
    if (this.listening.signal.aborted || failed !== this.source) return;
    if (this.options.onUnplayable?.(failure)) return this.dropSource();
    this.setFailure(failure);
    if (failure === "gone") this.options.onGone?.();
  }

  /** Wait for another source; a viewer who was watching goes on as soon as it is there. */
  private dropSource(): void {
    const wasPlaying = "started" in this.root.dataset;
    this.source = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.flowing();
    this.rewind();
    if (wasPlaying) this.play();
  }

  private async askWhatFailed(): Promise<Failure> {
    if (!this.source) return "unplayable";
    return diagnose(this.source, (input, init) => fetch(input, init));
  }

  private retry(): void {
    this.rememberPlace();
    this.setFailure(null);
    if (this.isAdmitted) this.video.load();
    if (!this.isAdmitted || "started" in this.root.dataset) this.play();
  }

  private rememberPlace(): void {
    if (this.video.currentTime > 0) this.resumeS = this.video.currentTime;
  }

  // --- what is shown --------------------------------------------------------------------------

  private duration(): number {
    const known = this.video.duration;
    return Number.isFinite(known) && known > 0 ? known : (this.options.durationS ?? 0);
  }

  /** The big button's words: play, resume, or watch again. */
  private offerStart(): void {
    if (this.hasEnded) this.offerReplay();
    else this.offerPlay();
  }

  private offerPlay(): void {
    const { labels } = this;
    const duration = this.duration() > 0 ? formatTime(this.duration()) : "";
    this.resumeS = this.resumeS || this.memory.read(this.duration());
    const label =
      this.resumeS === null
        ? labels.playTitle(this.options.title, duration)
        : labels.resumeAt(formatTime(this.resumeS));
    face(this.bigPlay, "play", label);
    this.hint = this.resumeS === null ? duration : label;
    this.fromStart.hidden = this.resumeS === null;
    this.showHint();
  }

  private offerReplay(): void {
    face(this.bigPlay, "replay", this.labels.replay);
    this.hint = this.labels.replay;
    this.fromStart.hidden = true;
    this.showHint();
  }

  private showHint(): void {
    const waits = this.isWanted ? `${this.labels.startsByItself}\n` : "";
    this.bigHint.textContent = this.preparing === null ? this.hint : waits + this.preparing;
    this.bigHint.hidden = this.bigHint.textContent === "";
    this.bigHint.setAttribute("aria-hidden", "true"); // the button's name and the page say it
  }

  private showCaptionsButton(): void {
    this.captionsButton.hidden = this.captions === null;
    this.captionsButton.setAttribute("aria-pressed", String(this.captions?.isOn() ?? false));
    this.captions?.onUnavailable(() => {
      this.captionsButton.hidden = true;
    });
  }

  private showPlaying(): void {
    const isFresh = !("started" in this.root.dataset);
    const state = this.stateName(isFresh);
    this.root.dataset.state = state;
    if (state === "ended") this.offerReplay();
    const isPlaying = state === "playing";
    face(
      this.playButton,
      isPlaying ? "pause" : "play",
      isPlaying ? this.labels.pause : this.labels.play,
    );
    this.wake();
  }

  private stateName(isFresh: boolean): string {
    if (this.failure) return "failed";
    if (this.video.ended) return "ended";
    if (isFresh) return "fresh";
    return this.video.paused ? "paused" : "playing";
  }

  private setFailure(failure: Failure | null): void {
    if (failure === this.failure) return;
    const hadFocus = this.root.contains(document.activeElement);
    this.failure = failure;
    this.failureText.textContent = failure ? this.labels.failures[failure] : "";
    this.retryButton.hidden = failure === "gone";
    this.showPlaying();
    // The controls that had the focus are hidden now: the keyboard must not fall out of the player.
    if (hadFocus) (failure && failure !== "gone" ? this.retryButton : this.root).focus();
  }

  private showTime(): void {
    const total = this.duration();
    const current = Math.min(this.video.currentTime, total);
    const words = this.labels.position(formatTime(current), formatTime(total));
    this.time.textContent = `${formatTime(current)} / ${formatTime(total)}`;
    this.time.setAttribute("aria-hidden", "true"); // the seek bar says it better
    this.seekBar.max = String(total);
    if (!this.isSeeking) this.seekBar.value = String(current);
    this.seekBar.setAttribute("aria-valuetext", words);
    fill(this.seekBar, total > 0 ? current / total : 0);
  }

  private showVolume(): void {
    const volume = this.video.muted ? 0 : this.video.volume;
    const isSilent = volume === 0;
    face(
      this.muteButton,
      isSilent ? "muted" : "sound",
      isSilent ? this.labels.unmute : this.labels.mute,
    );
    this.volumeBar.value = String(volume);
    this.volumeBar.setAttribute("aria-valuetext", `${Math.round(volume * 100)}%`);
    fill(this.volumeBar, volume);
  }

  private showSpeed(): void {
    this.speedList.value = String(this.video.playbackRate);
  }

  private showPictureInPicture(isOut: boolean): void {
    this.captions?.setNative(isOut);
    const { labels } = this;
    const label = isOut ? labels.leavePictureInPicture : labels.pictureInPicture;
    face(this.pipButton, "pictureInPicture", label);
  }

  private showFullScreen(): void {
    const isFull = document.fullscreenElement === this.root;
    const { labels } = this;
    const label = isFull ? labels.leaveFullScreen : labels.fullScreen;
    face(this.fullButton, isFull ? "leaveFullScreen" : "fullScreen", label);
  }
}

function control(name: string): HTMLButtonElement {
  return element("button", { type: "button", class: name });
}

function slider(name: string, role: string): HTMLInputElement {
  return element("input", {
    type: "range",
    class: `vm-slider ${name}`,
    min: "0",
    max: "0",
    step: "any",
    value: "0",
    "data-role": role,
  });
}

/** Give a button its drawing and its name; left alone when it already has them. */
function face(button: HTMLButtonElement, name: IconName, label: string): void {
  if (button.dataset.icon !== name) {
    button.dataset.icon = name;
    button.replaceChildren(icon(name));
  }
  button.setAttribute("aria-label", label);
  button.title = label;
}

/** How much of a slider is filled, 0..1, for the stylesheet. */
function fill(bar: HTMLInputElement, fraction: number): void {
  bar.style.setProperty("--vm-fill", `${(fraction * 100).toFixed(2)}%`);
}
