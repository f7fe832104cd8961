/** Which bytes of a recording make which part; pure, because a mistake here loses a take. */

/** A part that the server holds. */
export interface HeldPart {
  number: number;
  size_bytes: number;
}

/** A stretch of one chunk, `from` inclusive and `to` exclusive, in bytes of that chunk. */
export interface Piece {
  chunk: number;
  from: number;
  to: number;
}

/** How many parts make `bytes`; the last may be shorter than `partBytes`. */
export const partCount = (bytes: number, partBytes: number): number => Math.ceil(bytes / partBytes);

/** How many bytes part `number` (from 1) has in a file of `bytes`. */
export const partSize = (bytes: number, partBytes: number, number: number): number =>
  Math.max(0, Math.min(partBytes, bytes - (number - 1) * partBytes));

/** The pieces of the chunks that lie between two positions of the whole. */
export function piecesBetween(chunkBytes: readonly number[], start: number, end: number): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const [chunk, size] of chunkBytes.entries()) {
    const from = Math.max(0, start - at);
    const to = Math.min(size, end - at);
    if (from < to) pieces.push({ chunk, from, to });
    at += size;
    if (at >= end) break;
  }
  return pieces;
}

/**
 * The first part that can be sent now, or null: a part is ready when all its bytes are there, and
 * the last one, which may be short, when nothing more comes.
 */
export function nextPart(
  held: ReadonlySet<number>,
  bytes: number,
  partBytes: number,
  isWhole: boolean,
): number | null {
  const ready = isWhole ? partCount(bytes, partBytes) : Math.floor(bytes / partBytes);
  for (let number = 1; number <= ready; number += 1) {
    if (!held.has(number)) return number;
  }
  return null;
}

/** How many bytes the server holds from the start on, without a gap. */
export function heldFromStart(parts: readonly HeldPart[], partBytes: number): number {
  const sizes = new Map(parts.map((part) => [part.number, part.size_bytes]));
  let bytes = 0;
  for (let number = 1; ; number += 1) {
    const size = sizes.get(number);
    if (size === undefined) return bytes;
    bytes += size;
    if (size < partBytes) return bytes;
  }
}

/** How a take that was cut short comes together again. */
export interface Recovery {
  /** Bytes of the whole that can be had. */
  bytes: number;
  /** Who has the longer copy: then the other's end is not needed. */
  longest: "device" | "server";
  /** Parts that the server holds as they must be, and that need not be sent. */
  held: Set<number>;
}

/**
 * Compare what lies on the device with what the server holds. The device's copy is the shorter one
 * where its disk was full; the server's where the connection was lost.
 */
export function recover(
  deviceBytes: number,
  parts: readonly HeldPart[],
  partBytes: number,
): Recovery {
  const serverBytes = heldFromStart(parts, partBytes);
  const bytes = Math.max(deviceBytes, serverBytes);
  const fits = (part: HeldPart) => part.size_bytes === partSize(bytes, partBytes, part.number);
  return {
    bytes,
    longest: serverBytes > deviceBytes ? "server" : "device",
    held: new Set(parts.filter(fits).map((part) => part.number)),
  };
}

/** The chunks up to the first that is missing: what comes after a gap cannot be played. */
export function unbroken<Chunk extends { number: number }>(chunks: readonly Chunk[]): Chunk[] {
  const inOrder = [...chunks].sort((one, other) => one.number - other.number);
  const gap = inOrder.findIndex((chunk, place) => chunk.number !== place);
  return gap === -1 ? inOrder : inOrder.slice(0, gap);
}
