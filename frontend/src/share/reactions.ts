/** Emoji at moments of the video: given by one press, taken back by the next. */

import { element } from "../player/elements";
import { formatTime } from "../player/format";
import type { PlayerLocale } from "../player/labels";
import { nameOf } from "../player/resume";
import { type Calls, closedBy } from "./calls";
import { counts, texts as listOfTexts, type SharedMessage } from "./message";
import { type ShareTexts, shareTexts } from "./texts";
import { spoken, wordsOf } from "./words";

/** The ones that the backend takes, in the order in which they stand. */
export const EMOJI = ["👍", "❤️", "😂", "😮", "😢", "🎉", "🙏"] as const;

export interface ReactionOptions {
  message: Pick<SharedMessage, "reactions" | "own_reactions">;
  calls: Pick<Calls, "base" | "react" | "takeBack">;
  locale: PlayerLocale;
  /** Where in the video the viewer is, and how long it is, in seconds. */
  positionS: () => number;
  durationS: () => number;
  /** Where the moments are marked; lies along the seek bar. */
  strip: HTMLElement;
  onClosed: (why: "gone" | "expired" | "spent") => void;
}

/** The bar of emoji. */
export function reactionBar(options: ReactionOptions): HTMLElement {
  return new ReactionBar(options).root;
}

class ReactionBar {
  readonly root: HTMLElement;
  private readonly texts: ShareTexts;
  private readonly status = spoken();
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly moments: Moments;
  private readonly own: Set<string>;
  private given: Record<string, number>;
  private readonly underway = new Set<string>();

  constructor(private readonly options: ReactionOptions) {
    this.texts = shareTexts[options.locale];
    this.given = { ...options.message.reactions };
    this.own = new Set(options.message.own_reactions);
    this.moments = momentsOf(options.calls.base);
    const row = element("div", {
      class: "reactions-row",
      role: "group",
      "aria-label": this.texts.reactions.group,
    });
    for (const emoji of EMOJI) row.append(this.button(emoji));
    this.root = element("div", { class: "reactions" }, row, this.status, this.problem);
    this.show();
  }

  private button(emoji: string): HTMLButtonElement {
    const made = element(
      "button",
      { type: "button", class: "reaction" },
      element("span", { class: "reaction-face", "aria-hidden": "true" }, emoji),
      element("span", { class: "reaction-count", "aria-hidden": "true" }),
    );
    made.addEventListener("click", () => void this.toggle(emoji));
    this.buttons.set(emoji, made);
    return made;
  }

  private async toggle(emoji: string): Promise<void> {
    if (this.underway.has(emoji)) return;
    this.underway.add(emoji);
    const before = { given: this.given, atS: this.moments.read()[emoji] };
    const wasOwn = this.own.has(emoji);
    this.problem.textContent = "";
    this.set(emoji, !wasOwn, this.options.positionS());
    try {
      this.take(await this.send(emoji, wasOwn));
    } catch (refusal) {
      this.given = before.given;
      this.set(emoji, wasOwn, before.atS ?? 0, before.given[emoji] ?? 0);
      this.explain(refusal);
    } finally {
      this.underway.delete(emoji);
    }
  }

  private send(emoji: string, wasOwn: boolean): Promise<unknown> {
    const { calls } = this.options;
    return wasOwn ? calls.takeBack(emoji) : calls.react(emoji, this.moments.read()[emoji] ?? 0);
  }

  /** Show it at once: the answer only confirms. */
  private set(emoji: string, isOwn: boolean, atS: number, count?: number): void {
    const known = this.given[emoji] ?? 0;
    const next = count ?? Math.max(0, known + (isOwn ? 1 : -1));
    this.given = { ...this.given, [emoji]: next };
    if (isOwn) this.own.add(emoji);
    else this.own.delete(emoji);
    this.moments.write(emoji, isOwn ? atS : null);
    const name = this.texts.reactions.names[emoji] ?? emoji;
    const { given, takenBack } = this.texts.reactions;
    this.status.textContent = isOwn ? given(name, formatTime(atS)) : takenBack(name);
    this.show();
  }

  private take(answer: unknown): void {
    const told = answer as { reactions?: unknown; own_reactions?: unknown } | null;
    if (!told?.reactions) return;
    this.given = counts(told.reactions);
    const own = listOfTexts(told.own_reactions);
    for (const emoji of EMOJI) {
      if (this.underway.size > 1) break; // another press is on its way: its own answer says more
      if (own.includes(emoji)) this.own.add(emoji);
      else this.own.delete(emoji);
    }
    this.show();
  }

  private explain(refusal: unknown): void {
    const closed = closedBy(refusal);
    if (closed) this.options.onClosed(closed);
    else this.problem.textContent = wordsOf(refusal, this.texts);
  }

  private show(): void {
    const { names, button } = this.texts.reactions;
    for (const [emoji, made] of this.buttons) {
      const count = this.given[emoji] ?? 0;
      made.setAttribute("aria-pressed", String(this.own.has(emoji)));
      made.setAttribute("aria-label", button(names[emoji] ?? emoji, count));
      made.title = names[emoji] ?? emoji;
      const shown = made.querySelector(".reaction-count");
      if (shown) shown.textContent = count > 0 ? String(count) : "";
    }
    this.mark();
  }

  private mark(): void {
    const durationS = this.options.durationS();
    const moments = Object.entries(this.moments.read()).filter(([emoji]) => this.own.has(emoji));
    const marks = moments.map(([emoji, atS]) => {
      const made = element("span", {}, emoji);
      const fraction = durationS > 0 ? Math.min(1, atS / durationS) : 0;
      made.style.setProperty("--vm-at", `${(fraction * 100).toFixed(2)}%`);
      return made;
    });
    this.options.strip.replaceChildren(...marks);
  }
}

interface Moments {
  read(): Record<string, number>;
  write(emoji: string, atS: number | null): void;
}

/** When each emoji was given, in the viewer's own browser: the backend tells how often, not where. */
function momentsOf(base: string): Moments {
  const key = `reactions:${nameOf(base)}`;
  let held: Record<string, number> = {};
  try {
    held = counts(JSON.parse(localStorage.getItem(key) ?? "{}"));
  } catch {
    // Storage is blocked or holds nonsense: the marks last as long as the page.
  }
  return {
    read: () => held,
    write(emoji, atS) {
      const { [emoji]: _gone, ...rest } = held;
      held = atS === null ? rest : { ...rest, [emoji]: atS };
      try {
        localStorage.setItem(key, JSON.stringify(held));
      } catch {
        // as above
      }
    },
  };
}
