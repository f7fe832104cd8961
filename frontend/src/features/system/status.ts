/** Reads the part of the status whose shape the machine decides. */

/** What the sandbox lacks here, in the server's own words. */
export function readLacking(sandbox: Record<string, unknown>): string[] {
  return Array.isArray(sandbox.lacking) ? sandbox.lacking.map(String) : [];
}
