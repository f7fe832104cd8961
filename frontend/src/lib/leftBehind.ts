/** What the app keeps in the browser about somebody's messages; it must not outlive their visit. */

const BELONGINGS = /^(draft|upload):/;

/** Whoever signs in here next finds none of it. The language and the like stay. */
export function forgetWhatLiesHere(storage: () => Storage = () => localStorage): void {
  try {
    const held = storage();
    for (const key of Object.keys(held).filter((name) => BELONGINGS.test(name))) {
      held.removeItem(key);
    }
  } catch {
    // storage is blocked: then nothing lies there
  }
}
