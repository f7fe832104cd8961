/** Draws the recipient's page: who sends what, the player, and what one can do about it. */

import { element } from "../player/elements";
import { type Failure, type PlayerLocale, playerLabels } from "../player/labels";
import { createPlayer, type Player } from "../player/player";
import { type Calls, closedBy, Refusal } from "./calls";
import { fullPageLink, replaceByClosed } from "./closed";
import type { Closed, Playback, SharedMessage } from "./message";
import { type Polling, pollMaking } from "./polling";
import { reactionBar } from "./reactions";
import { replyWays } from "./replyWays";
import { chooseSource, mayReplace } from "./source";
import { tellPlayback } from "./telling";
import { initialOf, type ShareTexts, shareTexts } from "./texts";
import { languageSwitch, nameDocument, outline, spoken } from "./words";

const WAVE = "M3 10v4m4.5-7v10m4.5-13v16m4.5-13v10m4.5-7v4";
const DOWN = ["M12 4v11m-4.5-4.5L12 15l4.5-4.5", "M4.5 19.5h15"];

/** Draw the message into `page`. */
export function showMessage(
  page: HTMLElement,
  message: SharedMessage,
  locale: PlayerLocale,
  calls: Calls,
): void {
  const showing = new Showing(page, message, locale, calls);
  if (message.is_embed) showing.showFrame();
  else showing.showWhole();
  showing.start();
}

function ratioOf({ width_px, height_px }: SharedMessage): number | null {
  return width_px && height_px ? width_px / height_px : null;
}

class Showing {
  private readonly texts: ShareTexts;
  private readonly title: string;
  private readonly stage = element("div", { class: "stage" });
  private readonly status = spoken();
  private readonly downloadPlace = element("span", { class: "download-place" });
  private readonly player: Player;
  private playback: Playback;
  private isStreamBroken = false;
  private isClosed = false;
  private isLetIn: boolean;
  private hasPlayed = false;
  private hasWaveform = false;
  private stopTelling: () => void = () => undefined;
  private polling: Polling | null = null;

  constructor(
    private readonly page: HTMLElement,
    private readonly message: SharedMessage,
    private readonly locale: PlayerLocale,
    private readonly calls: Calls,
  ) {
    this.texts = shareTexts[locale];
    this.title = message.title || this.texts.untitled;
    this.playback = message;
    this.isLetIn = !message.needs_admission;
    this.player = this.buildPlayer();
    nameDocument(this.texts.pageTitle(this.title, message.sender_name), locale);
  }

  // --- the two forms of the page -----------------------------------------------------------------

  showWhole(): void {
    const { message, texts } = this;
    const parts: HTMLElement[] = [this.greeting(), this.stage, this.status];
    if (message.allow_reactions && !message.is_sender) parts.push(this.reactions());
    const actions = this.actions();
    if (actions) parts.push(actions);
    if (message.allow_replies && !message.is_sender) parts.push(this.reply());
    parts.push(this.notes(), languageSwitch(this.locale, texts));
    this.page.replaceChildren(...parts);
  }

  /** Inside another page: the video, and the way to the rest. */
  showFrame(): void {
    const { message, texts } = this;
    document.documentElement.classList.add("is-frame");
    const sender = message.sender_name;
    const names = element("div", { class: "frame-names" });
    names.append(element("h1", { lang: message.language || undefined }, this.title));
    if (sender) names.append(` ${sender}`);
    const foot = element("footer", { class: "frame-foot" }, names, fullPageLink(texts.fullPage));
    this.page.replaceChildren(this.stage, this.status, foot);
  }

  private greeting(): HTMLElement {
    const sender = this.message.sender_name;
    const from = sender ? this.texts.from(sender) : this.texts.fromSomebody;
    const header = element("header", { class: "greeting" });
    if (sender)
      header.append(element("span", { class: "mark", "aria-hidden": "true" }, initialOf(sender)));
    header.append(
      element("p", { class: "from" }, from),
      element("h1", { lang: this.message.language || undefined }, this.title),
    );
    return header;
  }

  private reactions(): HTMLElement {
    return reactionBar({
      message: this.message,
      calls: this.calls,
      locale: this.locale,
      positionS: () => this.player.video.currentTime,
      durationS: () => this.player.video.duration || this.playback.duration_s || 0,
      strip: this.player.strip,
      onClosed: (why) => this.close(why),
    });
  }

  private actions(): HTMLElement | null {
    const { cta, allow_download } = this.message;
    if (!cta && !allow_download) return null;
    const row = element("div", { class: "actions" });
    if (cta) {
      const leave = { target: "_blank", rel: "noopener noreferrer" };
      const unseen = element("span", { class: "unseen" }, ` ${this.texts.newTab}`);
      row.append(
        element("a", { href: cta.url, class: "button is-main", ...leave }, cta.label, unseen),
      );
    }
    if (allow_download) row.append(this.downloadPlace);
    return row;
  }

  /** A limited link counts whom it lets in by the press on play, and gives nobody else the file. */
  private offerDownload(): void {
    const { video_url } = this.playback;
    if (!video_url || !this.isLetIn || this.downloadPlace.hasChildNodes()) return;
    const href = `${video_url}?download=1`;
    this.downloadPlace.append(
      element("a", { href, class: "button", download: "" }, outline(...DOWN), this.texts.download),
    );
    if (this.playback.has_words) this.downloadPlace.append(this.wordFiles(video_url));
  }

  private wordFiles(videoUrl: string): HTMLElement {
    const { words, transcript } = this.texts;
    const files = [
      ["WebVTT", "captions.vtt?download=1"],
      ["SubRip", "captions.srt"],
      [transcript, "transcript.txt"],
    ] as const;
    const links = files.map(([name, file]) =>
      element("a", { href: videoUrl.replace("video.mp4", file), download: "" }, name),
    );
    return element("span", { class: "words", role: "group", "aria-label": words }, words, ...links);
  }

  private reply(): HTMLElement {
    return replyWays({
      sender: this.message.sender_name,
      calls: this.calls,
      locale: this.locale,
      onRecording: () => this.player.video.pause(),
      onClosed: (why) => this.close(why),
    });
  }

  private notes(): HTMLElement {
    const { message, texts } = this;
    const footer = element("div", { class: "notes" });
    const note = (...content: (Node | string)[]): void =>
      footer.append(element("p", {}, ...content));
    if (message.synthetic) note(outline(WAVE), texts.synthetic);
    if (message.credit) note(texts.credit(message.credit));
    if (message.is_sender) note(texts.youAreTheSender);
    else if (message.expires_at) note(texts.expires(new Date(message.expires_at)));
    return footer;
  }

  // --- what plays ----------------------------------------------------------------------------------

  private buildPlayer(): Player {
    const { message } = this;
    const begun = document.querySelector<HTMLVideoElement>("video[data-begun]");
    begun?.removeAttribute("data-begun");
    const player = createPlayer(this.stage, {
      src: this.chosen(),
      begun,
      memoryKey: `${this.calls.base}/video.mp4`,
      poster: message.poster_url,
      captions: message.captions_url,
      captionsLanguage: message.language,
      title: this.title,
      aspect: message.aspect,
      ratio: ratioOf(message),
      durationS: message.duration_s,
      labels: playerLabels[this.locale],
      // Where there is no poster yet, the first picture stands in for it.
      preload: message.poster_url ? "none" : "metadata",
      ...(message.needs_admission ? { admit: () => this.admit() } : {}),
      onUnplayable: (failure) => this.streamBroke(failure),
      onGone: () => this.close("gone"),
    });
    // One that this browser does not play loads no further.
    if (begun && begun !== player.video) begun.remove();
    return player;
  }

  private chosen(): string | null {
    const canPlay = (type: string): string => document.createElement("video").canPlayType(type);
    return chooseSource(this.playback, canPlay, this.isStreamBroken)?.url ?? null;
  }

  start(): void {
    const { video } = this.player;
    if (!this.message.is_sender)
      this.stopTelling = tellPlayback({
        calls: this.calls,
        video,
        durationS: this.message.duration_s,
      });
    video.addEventListener("playing", () => {
      this.hasPlayed = true;
      void this.drawWaveform();
    });
    video.addEventListener("ended", () => this.upgrade());
    // The poster and the page come first; what the first play needs follows when they are there.
    if (document.readyState === "complete") this.player.warmUp();
    else window.addEventListener("load", () => this.player.warmUp(), { once: true });
    if (this.playback.phase === "processing") this.keepAsking();
    this.show();
    if (this.isWaiting()) this.status.textContent = this.texts.isBeingMade;
  }

  /** Nothing to play yet for this browser, and something to wait for. */
  private isWaiting(): boolean {
    return this.playback.phase === "processing" && this.chosen() === null;
  }

  private keepAsking(): void {
    this.polling ??= pollMaking({
      ask: () => this.askState(),
      onAnswer: (playback) => this.heard(playback),
    });
  }

  private async askState(): Promise<Playback> {
    try {
      return await this.calls.state();
    } catch (refusal) {
      const closed = closedBy(refusal);
      if (closed) this.close(closed);
      throw refusal;
    }
  }

  private heard(playback: Playback): boolean {
    const wasWaiting = this.isWaiting();
    this.playback = playback;
    if (playback.phase === "failed" && this.chosen() === null) {
      this.close("failed");
      return true;
    }
    this.show();
    this.upgrade();
    if (wasWaiting && !this.isWaiting()) this.status.textContent = this.texts.isReady;
    return playback.phase !== "processing";
  }

  private show(): void {
    const { percent, poster_url, captions_url } = this.playback;
    const shown = percent === null ? null : Math.round(percent);
    this.player.setPreparing(this.isWaiting() ? this.texts.beingMade(shown) : null);
    if (poster_url) this.player.setPoster(poster_url);
    if (captions_url) this.player.setCaptions(captions_url, this.message.language);
    this.offerDownload();
    void this.drawWaveform();
  }

  /** Take the best file there is, unless somebody is watching another. */
  private upgrade(): void {
    const url = this.chosen();
    if (url && mayReplace(this.player.root.dataset.state)) this.player.setSource(url);
  }

  /** The finished video takes over from a stream that broke; while it is made, the page waits. */
  private streamBroke(failure: Failure): boolean {
    const isStream = this.player.video.getAttribute("src") !== this.playback.video_url;
    if (!isStream || failure === "offline" || failure === "unavailable") return false;
    this.isStreamBroken = true;
    void this.lookAgain();
    return true;
  }

  private async lookAgain(): Promise<void> {
    try {
      this.heard(await this.askState());
    } catch {
      if (!this.isClosed) this.upgrade(); // to what was known before
    }
    if (!this.isClosed && this.playback.phase === "processing") this.keepAsking();
  }

  private async admit(): Promise<boolean> {
    try {
      await this.calls.admit();
      this.isLetIn = true;
      this.offerDownload();
      return true;
    } catch (refusal) {
      const closed = closedBy(refusal);
      const { status = 0, code = "" } = refusal instanceof Refusal ? refusal : {};
      if (closed) this.close(closed);
      else if (code === "password_needed") location.reload();
      else this.player.fail(status === 0 ? "offline" : "unavailable");
      return false;
    }
  }

  private async drawWaveform(): Promise<void> {
    const { waveform_url } = this.playback;
    if (!waveform_url || !this.hasPlayed || this.hasWaveform) return;
    this.hasWaveform = true;
    const { drawWaveform } = await import("./waveform");
    await drawWaveform(this.player.underlay, waveform_url);
  }

  private close(why: Closed): void {
    this.isClosed = true;
    this.polling?.stop();
    this.stopTelling();
    this.player.destroy();
    replaceByClosed(this.page, why, this.locale);
  }
}
