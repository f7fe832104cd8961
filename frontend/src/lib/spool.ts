/**
 * Takes on this device: IndexedDB, one record a take and one a chunk, so that neither a crash nor
 * a lost connection loses what has been recorded. Chunks are kept as bytes, not as Blobs: Safari
 * has lost Blobs out of its database.
 */

import { answerOf, Database } from "./database";
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

const database = new Database("takes", (created) => {
  created.createObjectStore("takes", { keyPath: "id" });
  created.createObjectStore("chunks", { keyPath: ["takeId", "number"] });
});

/** Do `work` in one transaction over both stores, and return when it is on the disk. */
const write = (work: (takes: IDBObjectStore, chunks: IDBObjectStore) => void): Promise<void> =>
  database.write(["takes", "chunks"], (transaction) =>
    work(transaction.objectStore("takes"), transaction.objectStore("chunks")),
  );

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
  const opened = await database.open();
  const store = opened.transaction("takes").objectStore("takes");
  const takes: SpooledTake[] = await answerOf(store.getAll());
  return takes
    .filter((take) => take.accountId === accountId)
    .sort((one, other) => other.startedMs - one.startedMs);
}

export async function spooledTake(id: string): Promise<SpooledTake | null> {
  const opened = await database.open();
  const store = opened.transaction("takes").objectStore("takes");
  return (await answerOf<SpooledTake | undefined>(store.get(id))) ?? null;
}

/** The chunks of a take in their order, up to a gap. */
export async function spooledChunks(take: SpooledTake): Promise<Blob[]> {
  const opened = await database.open();
  const store = opened.transaction("chunks").objectStore("chunks");
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
