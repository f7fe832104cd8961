/** What is typed, once nobody types. */

import { useEffect, useState } from "react";

const QUIET_MS = 600;

/** The text once nobody has typed for a moment. */
export function useSettled(text: string, quietMs = QUIET_MS): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), quietMs);
    return () => clearTimeout(timer);
  }, [text, quietMs]);
  return settled;
}
