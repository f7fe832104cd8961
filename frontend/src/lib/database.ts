/** IndexedDB with promises: what the browser keeps for us through reloads and crashes. */

/** A full disk, by the two names that browsers have for it. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof DOMException &&
  (error.name === "QuotaExceededError" || error.name === "NS_ERROR_DOM_INDEXEDDB_QUOTA_ERR");

export class Database {
  private opened: Promise<IDBDatabase> | null = null;

  /** `create` makes the stores of a database that is not there yet. */
  constructor(
    private readonly name: string,
    private readonly create: (database: IDBDatabase) => void,
  ) {}

  /** Rejects where the browser has no database, as in some private windows. */
  open(): Promise<IDBDatabase> {
    this.opened ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(this.name, 1);
      request.onupgradeneeded = () => this.create(request.result);
      request.onsuccess = () => {
        // Another tab with a newer version must not wait for this one.
        request.result.onversionchange = () => request.result.close();
        request.result.onclose = () => {
          this.opened = null;
        };
        resolve(request.result);
      };
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new DOMException("The database is held.", "AbortError"));
    }).catch((error) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }

  /** Do `work` in one transaction over these stores, and return when it is on the disk. */
  async write(stores: string[], work: (transaction: IDBTransaction) => void): Promise<void> {
    const database = await this.open();
    const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
    const committed = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
    try {
      work(transaction);
    } catch (error) {
      transaction.abort();
      await committed.catch(() => undefined);
      throw error;
    }
    return committed;
  }
}

export const answerOf = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
