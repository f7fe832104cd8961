import { useEffect, useRef } from "react";
import { belongsToElement } from "../../lib/keys";
import { actionOf } from "./keys";
import type { StudioEvent } from "./machine";
import type { Studio } from "./studio";

/** Listen to the whole page's keyboard while the studio is open. */
export function useStudioKeys(studio: Studio, onHelp: () => void): void {
  const help = useRef(onHelp);
  help.current = onHelp;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const action = actionOf(event, studio.snapshot().state.phase);
      if (!action || event.defaultPrevented) return;
      if (belongsToElement(event.key, document.activeElement)) return;
      event.preventDefault();
      if (action === "help") help.current();
      // The keys ask only for events that say nothing but their name.
      else studio.send({ type: action } as StudioEvent);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [studio]);
}
