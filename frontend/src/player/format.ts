/** Times as the player writes and speaks them. */

/** `75.4` → `"1:15"`, an hour or more → `"1:02:05"`. Unknown durations read as zero. */
export function formatTime(timeS: number): string {
  const whole = Number.isFinite(timeS) && timeS > 0 ? Math.floor(timeS) : 0;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const seconds = String(whole % 60).padStart(2, "0");
  if (hours === 0) return `${minutes}:${seconds}`;
  return `${hours}:${String(minutes).padStart(2, "0")}:${seconds}`;
}

/** A playing speed: `1` → `"1×"`, `1.25` → `"1.25×"`. */
export function formatSpeed(speed: number): string {
  return `${speed}×`;
}
