/** The path to go to after signing in: one of ours, never another site's. */
export function safeReturnPath(next: unknown): string {
  const isOurs = typeof next === "string" && /^\/(?![/\\])/.test(next);
  return isOurs && !/^\/sign/.test(next) ? next : "/";
}
