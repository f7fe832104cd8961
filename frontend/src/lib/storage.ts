/** The browser's storage, for what is only convenient: it may be blocked, full or hold anything. */

/** Return what `use` makes of the storage, null where it cannot be used. */
export function tolerant<T>(
  use: (held: Storage) => T,
  storage: () => Storage = () => localStorage,
): T | null {
  try {
    return use(storage());
  } catch {
    return null;
  }
}
