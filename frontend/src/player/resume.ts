/** Remembers where a viewer stopped, in their own browser alone. */

const PREFIX = "video-position:";
/** Below this length a message is simply played again. */
const WORTH_RESUMING_S = 30;
const EDGE_S = 5;

export interface PositionMemory {
  read(durationS: number): number | null;
  write(timeS: number): void;
  forget(): void;
}

/** A short name for `src`, so that no share link lies readable in the storage (FNV-1a, 32 bits). */
export function nameOf(src: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < src.length; index += 1) {
    hash = Math.imul(hash ^ src.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

/** Whether a stop at `timeS` is far enough from both ends to be offered again. */
export function isWorthResuming(timeS: number, durationS: number): boolean {
  return durationS >= WORTH_RESUMING_S && timeS >= EDGE_S && timeS <= durationS - EDGE_S;
}

/** The memory for one video. A browser that refuses storage gets one that remembers nothing. */
export function positionMemory(src: string, storage: () => Storage): PositionMemory {
  const key = PREFIX + nameOf(src);
  const tolerant = <T>(use: (held: Storage) => T): T | null => {
    try {
      return use(storage());
    } catch {
      return null; // storage is blocked or full: playing matters more
    }
  };
  return {
    read(durationS) {
      const timeS = Number(tolerant((held) => held.getItem(key)));
      return isWorthResuming(timeS, durationS) ? timeS : null;
    },
    write: (timeS) => void tolerant((held) => held.setItem(key, timeS.toFixed(1))),
    forget: () => void tolerant((held) => held.removeItem(key)),
  };
}
