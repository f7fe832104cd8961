/** The player's keyboard: which key asks for what. Pure, so that it can be tested as a table. */

export type KeyAction =
  | { kind: "toggle" }
  | { kind: "seekBy"; deltaS: number }
  | { kind: "seekTo"; fraction: number }
  | { kind: "volumeBy"; delta: number }
  | { kind: "speedStep"; direction: 1 | -1 }
  | { kind: "mute" | "captions" | "fullScreen" | "pictureInPicture" };

/** The part of a `KeyboardEvent` that decides. */
export interface Pressed {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

const STEP_S = 5;
const JUMP_S = 10;

const actions = new Map<string, KeyAction>([
  ["k", { kind: "toggle" }],
  ["j", { kind: "seekBy", deltaS: -JUMP_S }],
  ["l", { kind: "seekBy", deltaS: JUMP_S }],
  ["ArrowLeft", { kind: "seekBy", deltaS: -STEP_S }],
  ["ArrowRight", { kind: "seekBy", deltaS: STEP_S }],
  ["PageDown", { kind: "seekBy", deltaS: -JUMP_S }],
  ["PageUp", { kind: "seekBy", deltaS: JUMP_S }],
  ["ArrowUp", { kind: "volumeBy", delta: 0.1 }],
  ["ArrowDown", { kind: "volumeBy", delta: -0.1 }],
  ["Home", { kind: "seekTo", fraction: 0 }],
  ["End", { kind: "seekTo", fraction: 1 }],
  ["m", { kind: "mute" }],
  ["c", { kind: "captions" }],
  ["f", { kind: "fullScreen" }],
  ["i", { kind: "pictureInPicture" }],
  ["<", { kind: "speedStep", direction: -1 }],
  [">", { kind: "speedStep", direction: 1 }],
]);

/** What a key asks of the player, or null where it belongs to the browser. */
export function actionOf(pressed: Pressed): KeyAction | null {
  if (pressed.altKey || pressed.ctrlKey || pressed.metaKey) return null;
  const key = pressed.key.length === 1 ? pressed.key.toLowerCase() : pressed.key;
  if (/^[0-9]$/.test(key)) return { kind: "seekTo", fraction: Number(key) / 10 };
  return actions.get(key) ?? null;
}

/**
 * Whether the focused control itself needs the key: buttons take Space, a list takes arrows and
 * letters, the volume slider its arrows. The seek bar leaves all of them to the player, whose steps
 * are seconds.
 */
export function belongsToControl(key: string, control: Element | null): boolean {
  if (control instanceof HTMLSelectElement) return true;
  if (!(control instanceof HTMLInputElement)) return false;
  const isSlider = control.type === "range" && control.dataset.role !== "seek";
  return (
    isSlider &&
    (key.startsWith("Arrow") || key.startsWith("Page") || key === "Home" || key === "End")
  );
}
