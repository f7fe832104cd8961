/** The three ways to reply. What each needs is loaded when it is chosen. */

import { element } from "../player/elements";
import type { PlayerLocale } from "../player/labels";
import type { Calls } from "./calls";
import { shareTexts } from "./texts";
import { outline } from "./words";

export type Way = "write" | "voice" | "video";

/** What a way to reply is opened with. */
export interface ReplyOptions {
  calls: Calls;
  locale: PlayerLocale;
  /** The microphone is about to open: the message itself must be silent. */
  onRecording: () => void;
  onClosed: (why: "gone" | "expired" | "spent") => void;
  /** The reply was given up or has been sent: the ways are offered again. */
  onDone: () => void;
}

/** One opened way to reply. */
export interface ReplyRoom {
  root: HTMLElement;
  /** Put the keyboard where the reply begins. */
  focus(): void;
  /** Let go of the camera and whatever else it holds. */
  leave(): void;
}

const DRAWINGS: Record<Way, string[]> = {
  write: ["M4 20l1-4.5L16.5 4l3.5 3.5L8.5 19z", "M14 6.5l3.5 3.5"],
  voice: [
    "M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3z",
    "M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  ],
  video: ["M3.5 6.5h11v11h-11z", "M14.5 10.5l6-3v9l-6-3"],
};

export interface ReplyWaysOptions extends Omit<ReplyOptions, "onDone"> {
  sender: string;
}

/** The section below the message; recording is offered where this browser can record. */
export function replyWays(options: ReplyWaysOptions): HTMLElement {
  const texts = shareTexts[options.locale].reply;
  const title = options.sender ? texts.title(options.sender) : texts.titleToSomebody;
  const heading = element("h2", { id: "reply-title" }, title);
  const ways = element("div", { class: "ways" });
  const problem = element("p", { class: "problem", role: "alert" });
  const place = element("div", { class: "room" });
  const section = element("section", { class: "reply", "aria-labelledby": "reply-title" });
  section.append(heading, ways, problem, place);
  let room: ReplyRoom | null = null;

  const show = (opened: ReplyRoom | null): void => {
    room?.leave();
    room = opened;
    ways.hidden = opened !== null;
    place.replaceChildren(...(opened ? [opened.root] : []));
    opened?.focus();
  };
  const open = async (way: Way): Promise<void> => {
    problem.textContent = "";
    const chosen = ways.querySelector<HTMLButtonElement>(`[data-way=${way}]`);
    chosen?.setAttribute("aria-busy", "true");
    try {
      const begin = await load(way);
      const onDone = (): void => {
        show(null);
        chosen?.focus();
      };
      show(begin({ ...options, onDone }));
    } catch {
      problem.textContent = texts.unloaded;
    } finally {
      chosen?.removeAttribute("aria-busy");
    }
  };

  for (const way of waysHere()) {
    const button = element("button", { type: "button", class: "button", "data-way": way });
    button.append(outline(...DRAWINGS[way]), texts[way]);
    button.addEventListener("click", () => void open(way));
    ways.append(button);
  }
  window.addEventListener("pagehide", () => room?.leave());
  return section;
}

/** A microphone opens only on a secure page, and not in every browser. */
function waysHere(): Way[] {
  const canRecord =
    typeof MediaRecorder !== "undefined" && Boolean(navigator.mediaDevices?.getUserMedia);
  return canRecord ? ["write", "voice", "video"] : ["write"];
}

async function load(way: Way): Promise<(options: ReplyOptions) => ReplyRoom> {
  if (way === "write") return (await import("./reply/letter")).writeLetter;
  const { openStudio } = await import("./reply/studio");
  return (options) => openStudio(way, options);
}
