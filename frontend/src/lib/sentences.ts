/**
 * The sentences of a voice sample on this device: each is written down as soon as it is spoken, so
 * that neither a reload nor a crash loses it. Sound is kept as bytes: Safari has lost Blobs.
 */

import { answerOf, Database } from "./database";

export interface SpooledSentence {
  /** Whose it is: nobody else who signs in here is offered it. */
  accountId: string;
  /** Of the script. */
  language: string;
  /** Its place in the script, from 0. */
  place: number;
  /** What was read; a script may be another one at the next visit. */
  text: string;
  /** A WAV file. */
  wav: ArrayBuffer;
  /** Milliseconds since the epoch. */
  recordedMs: number;
}

const database = new Database("voice-samples", (created) => {
  created.createObjectStore("sentences", { keyPath: ["accountId", "language", "place"] });
});

const write = (work: (sentences: IDBObjectStore) => void): Promise<void> =>
  database.write(["sentences"], (transaction) => work(transaction.objectStore("sentences")));

// A list sorts behind every text, and so bounds all keys that begin alike.
const ofAccount = (accountId: string): IDBKeyRange =>
  IDBKeyRange.bound([accountId], [accountId, []]);
const ofSample = (accountId: string, language: string): IDBKeyRange =>
  IDBKeyRange.bound([accountId, language], [accountId, language, []]);

/** Write down a sentence; the same place of the same script replaces it. */
export const keepSentence = (sentence: SpooledSentence): Promise<void> =>
  write((sentences) => void sentences.put(sentence));

/** All that this account has read and not made a voice of; none where there is no database. */
export async function spooledSentences(accountId: string): Promise<SpooledSentence[]> {
  if (typeof indexedDB === "undefined") return [];
  const opened = await database.open();
  const store = opened.transaction("sentences").objectStore("sentences");
  return answerOf<SpooledSentence[]>(store.getAll(ofAccount(accountId)));
}

/** Remove what was read of one script: a voice has been made of it, or it is not wanted. */
export const dropSample = (accountId: string, language: string): Promise<void> =>
  write((sentences) => void sentences.delete(ofSample(accountId, language)));

/** Remove every sentence of this account from this device. */
export async function forgetSentences(accountId: string): Promise<void> {
  if (typeof indexedDB === "undefined") return;
  await write((sentences) => void sentences.delete(ofAccount(accountId))).catch(() => undefined);
}

/** The language whose script was read last, and how much of it is here. */
export interface UnfinishedSample {
  language: string;
  count: number;
  /** Milliseconds since the epoch, of the newest sentence. */
  recordedMs: number;
}

/** Which sample to go on with, among sentences of several scripts; null where there are none. */
export function unfinishedSample(sentences: readonly SpooledSentence[]): UnfinishedSample | null {
  const [newest] = sentences.toSorted((one, other) => other.recordedMs - one.recordedMs);
  if (!newest) return null;
  const { language, recordedMs } = newest;
  const count = sentences.filter((sentence) => sentence.language === language).length;
  return { language, recordedMs, count };
}
