/** Reads the parts of the status whose shape the speech service decides. */

export interface EngineFacts {
  name: string;
  isReady: boolean;
  device: string | null;
  reason: string | null;
}

const textOrNull = (value: unknown): string | null =>
  typeof value === "string" && value ? value : null;

export function readEngines(engines: readonly Record<string, unknown>[]): EngineFacts[] {
  return engines.map((engine) => ({
    name: String(engine.name),
    isReady: engine.ready === true,
    device: textOrNull(engine.device),
    reason: textOrNull(engine.reason),
  }));
}

/** What the sandbox lacks here, in the server's own words. */
export function readLacking(sandbox: Record<string, unknown>): string[] {
  return Array.isArray(sandbox.lacking) ? sandbox.lacking.map(String) : [];
}
