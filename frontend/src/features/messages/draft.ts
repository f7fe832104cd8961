/** The content of a message while it is written, and where it is kept until the server has it. */

import { api, bodyOf, type Message } from "../../lib/api";
import { tolerant } from "../../lib/storage";

export type DraftContent = Pick<
  Message,
  | "title"
  | "script"
  | "language"
  | "voice"
  | "photo_upload_id"
  | "aspect"
  | "music_upload_id"
  | "readings"
  | "theme"
  | "music_track"
  | "more_photo_upload_ids"
  | "photo_crops"
  | "burned_captions"
  | "waveform"
  | "title_card"
  | "closing_card"
  | "background"
  | "trim_start_s"
  | "trim_end_s"
> & { deliveries: SentenceDelivery[] };
/** A sentence of the script as it stands there, and the line of kana by which it is read. */
export type SentenceReading = DraftContent["readings"][number];
/** A sentence of the script as it stands there, and how it is said. */
export type SentenceDelivery = Required<Message["deliveries"][number]>;
export type DraftChanges = Partial<DraftContent>;

export const BLANK: DraftContent = {
  title: "",
  script: "",
  language: "ja",
  voice: null,
  photo_upload_id: null,
  more_photo_upload_ids: [],
  photo_crops: [],
  background: null,
  aspect: "16:9",
  music_upload_id: null,
  music_track: null,
  theme: null,
  title_card: "",
  closing_card: "",
  burned_captions: "none",
  waveform: "bars",
  readings: [],
  deliveries: [],
  trim_start_s: 0,
  trim_end_s: null,
};

export function contentOf(message: Message): DraftContent {
  const fields = Object.keys(BLANK) as (keyof DraftContent)[];
  return Object.fromEntries(fields.map((field) => [field, message[field]])) as DraftContent;
}

/** Changes as they were sent, and the message's revision that they were to change. */
export interface Sent {
  changes: DraftChanges;
  over: string;
}

/** What the server does not have yet, what it was changed from, and what may have arrived. */
export interface Left {
  mine: DraftChanges;
  from: DraftChanges;
  unsure: Sent | null;
}

/** Where that waits. Another window may keep its own there, and so may the next one of this page. */
export interface Leftovers {
  read(): Left;
  /** Whether what lies there is what was read or written last by this hand. */
  isOwn(): boolean;
  write(left: Left): void;
  /** Only what is one's own is forgotten. */
  forget(): void;
}

/** Leftovers in this browser, a draft apart; `id` null is the one that has no address yet. */
export function leftoversOf(
  id: string | null,
  storage: () => Storage = () => localStorage,
): Leftovers {
  const key = `draft:${id ?? "new"}`;
  const stored = () => tolerant((held) => held.getItem(key), storage);
  const by = Math.random();
  let own: string | null = null;
  const isOwn = () => stored() === own;
  return {
    read() {
      own = stored();
      return leftIn(tolerant(() => JSON.parse(own ?? "{}"), storage));
    },
    isOwn,
    write({ mine, from, unsure }) {
      own = JSON.stringify({ mine, from, unsure, by });
      const text = own;
      tolerant((held) => held.setItem(key, text), storage);
    },
    forget() {
      if (isOwn()) tolerant((held) => held.removeItem(key), storage);
      own = null;
    },
  };
}

function leftIn(stored: unknown): Left {
  const { mine, from, unsure } = (stored ?? {}) as Partial<Record<keyof Left, unknown>>;
  const { changes, over } = (unsure ?? {}) as Partial<Record<keyof Sent, unknown>>;
  const sent = known(changes);
  const isSent = typeof over === "string" && Object.keys(sent).length > 0;
  return {
    mine: known(mine),
    from: known(from),
    unsure: isSent ? { changes: sent, over } : null,
  };
}

/** Only our own fields, and only what they hold: a storage can hold anything. */
function known(stored: unknown): DraftChanges {
  if (typeof stored !== "object" || stored === null) return {};
  const fits = ([field, value]: [string, unknown]) => {
    if (!(field in BLANK)) return false;
    const items = ITEMS[field];
    if (items) return Array.isArray(value) && value.every(items);
    return typeof value === (NUMBERS.includes(field) ? "number" : "string") || value === null;
  };
  return Object.fromEntries(Object.entries(stored).filter(fits)) as DraftChanges;
}

const NUMBERS = ["trim_start_s", "trim_end_s"];
const ITEMS: Record<string, (item: unknown) => boolean> = {
  readings: isReading,
  deliveries: isDelivery,
  more_photo_upload_ids: (item) => typeof item === "string",
  photo_crops: isCrop,
};

function isCrop(value: unknown): boolean {
  const { upload_id, ...places } = (value ?? {}) as Partial<DraftContent["photo_crops"][number]>;
  const { left, top, width, height, focus_x, focus_y } = places;
  const isPlaced = [left, top, width, height, focus_x, focus_y].every(
    (place) => typeof place === "number",
  );
  return typeof upload_id === "string" && isPlaced;
}

function isReading(value: unknown): value is SentenceReading {
  const reading = value as Partial<SentenceReading> | null;
  return typeof reading?.text === "string" && typeof reading.kana === "string";
}

function isDelivery(value: unknown): value is SentenceDelivery {
  const { text, pause_after_s, voice, ...manner } = (value ?? {}) as Partial<SentenceDelivery>;
  const isManner = [manner.speed, manner.pitch, manner.intonation, manner.volume].every(
    (part) => typeof part === "number",
  );
  const isPause = pause_after_s === null || typeof pause_after_s === "number";
  const isVoice = voice === null || voice === undefined || typeof voice === "string";
  return typeof text === "string" && isManner && isPause && isVoice;
}

export interface DraftServer {
  create(content: DraftContent): Promise<Message>;
  /** `revision` is the one that is changed: of any other the problem is "draft_changed". */
  change(id: string, changes: DraftChanges, revision: string): Promise<Message>;
  look(id: string): Promise<Message>;
}

export const draftServer: DraftServer = {
  create: (body) => bodyOf(api.POST("/api/v1/messages", { body })),
  change: (id, body, revision) =>
    bodyOf(
      api.PATCH("/api/v1/messages/{message_id}", {
        params: { path: { message_id: id }, header: { "if-match": `"${revision}"` } },
        body,
      }),
    ),
  look: (id) =>
    bodyOf(api.GET("/api/v1/messages/{message_id}", { params: { path: { message_id: id } } })),
};
