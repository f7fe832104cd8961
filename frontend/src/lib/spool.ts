/**
 * Takes on this device: IndexedDB, one record a take and one a chunk, so that neither a crash nor
 * a lost connection loses what has been recorded. Chunks are kept as bytes, not as Blobs: Safari
 * has lost Blobs out of its database.
 */

import { unbroken } from "./parts";

/** What is known about a take that lies here. */
export interface SpooledTake {
  id: string;
  /** Whose it is: nobody else who signs in here is offered it. */
  accountId: string;
  /** The recorder's own type, with codecs. */
  mimeType: string;
  /** Milliseconds since the epoch. */
  startedMs: number;
  durationS: number;
  bytes: number;
  chunkCount: number;
  /** Where its parts go; null until the server has answered. */
  uploadId: string | null;
  title: string;
  script: string;
}

interface SpooledChunk {
  takeId: string;
  number: number;
  bytes: ArrayBuffer;
}

const DATABASE = "takes";
const VERSION = 1;

/** A full disk, by the two names that browsers have for it. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof DOMException &&
  (error.name === "QuotaExceededError" || error.name === "NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR");

let opened: Promise<IDBDatabase> | null = null;

/** The database; rejects where the browser has none, as in some private windows. */
function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("takes", { keyPath: "id" });
      request.result.createObjectStore("chunks", { keyPath: ["takeId", "number"] });
    };
    request.onsuccess = () => {
      // Another tab with a newer version must not wait for this one.
      request.result.onversionchange = () => request.result.close();
      request.result.onclose = () => {
        opened = null;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new DOMException("The database is held.", "AbortError"));
  }).catch((error) => {
    opened = null;
    throw error;
  });
  return opened;
}

const answerOf = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Do `work` in one transaction over both stores, and return when it is on the disk. */
async function write(work: (takes: IDBObjectStore, chunks: IDBObjectStore) => void): Promise<void> {
  const database = await open();
  const transaction = database.transaction(["takes", "chunks"], "readwrite", {
    durability: "strict",
  });
  const committed = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
  try {
    work(transaction.objectStore("takes"), transaction.objectStore("chunks"));
  } catch (error) {
    transaction.abort();
    await committed.catch(() => undefined);
    throw error;
  }
  return committed;
}

const ofTake = (id: string): IDBKeyRange => IDBKeyRange.bound([id, 0], [id, Infinity]);

/** Write down what is known about a take; the same id replaces it. */
export const keepTake = (take: SpooledTake): Promise<void> =>
  write((takes) => void takes.put(take));

/** Add a chunk, and what the take has become by it, both or neither. */
export async function keepChunk(take: SpooledTake, chunk: Blob): Promise<void> {
  const bytes = await chunk.arrayBuffer();
  const record: SpooledChunk = { takeId: take.id, number: take.chunkCount - 1, bytes };
  return write((takes, chunks) => {
    chunks.put(record);
    takes.put(take);
  });
}

/** Remove a take and its bytes. */
export const dropTake = (id: string): Promise<void> =>
  write((takes, chunks) => {
    takes.delete(id);
    chunks.delete(ofTake(id));
  });

/** The takes of one account, newest first; none where there is no database. */
export async function spooledTakes(accountId: string): Promise<SpooledTake[]> {
  if (typeof indexedDB === "undefined") return [];
  const database = await open();
  const store = database.transaction("takes").objectStore("takes");
  const takes: SpooledTake[] = await answerOf(store.getAll());
  return takes
    .filter((take) => take.accountId === accountId)
    .sort((one, other) => other.startedMs - one.startedMs);
}

export async function spooledTake(id: string): Promise<SpooledTake | null> {
  const database = await open();
  const store = database.transaction("takes").objectStore("takes");
  return (await answerOf<SpooledTake | undefined>(store.get(id))) ?? null;
}

/** The chunks of a take in their order, up to a gap. */
export async function spooledChunks(take: SpooledTake): Promise<Blob[]> {
  const database = await open();
  const store = database.transaction("chunks").objectStore("chunks");
  const chunks: { number: number; blob: Blob }[] = [];
  // One by one: an hour of video does not fit into the page's memory, but into its Blobs.
  await each(store.openCursor(ofTake(take.id)), ({ number, bytes }: SpooledChunk) =>
    chunks.push({ number, blob: new Blob([bytes], { type: take.mimeType }) }),
  );
  return unbroken(chunks).map((chunk) => chunk.blob);
}

function each<Value>(
  request: IDBRequest<IDBCursorWithValue | null>,
  take: (value: Value) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      if (!request.result) return resolve();
      take(request.result.value);
      request.result.continue();
    };
    request.onerror = () => reject(request.error);
  });
}
