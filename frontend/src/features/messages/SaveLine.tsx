/** How safe the draft is, and what it still needs. */

import { useLanguage } from "../../i18n";
import { Icon, type IconName } from "../../ui/Icon";
import type { SaveState } from "./autosave";

const icons: Record<SaveState, IconName> = {
  untouched: "cloud",
  saving: "cloud",
  saved: "cloud",
  device: "device",
  refused: "alert",
  elsewhere: "alert",
};

interface SaveLineProps {
  state: SaveState;
  missing: string[];
  /** Changes made elsewhere were taken in, and nothing was changed since. */
  hasTakenIn?: boolean;
  /** Shows what somebody has to decide. */
  onDecide?: () => void;
}

export function SaveLine({ state, missing, hasTakenIn = false, onDecide }: SaveLineProps) {
  const { t, format } = useLanguage();
  const words: Record<SaveState, string> = {
    untouched: t.compose.notStarted,
    saving: t.compose.saving,
    saved: hasTakenIn ? t.draft.takenIn : t.compose.saved,
    device: t.compose.savedDevice,
    refused: t.compose.saveProblem,
    elsewhere: t.draft.undecided,
  };
  const isWarning = state === "device" || state === "elsewhere";
  const tone = state === "refused" ? "text-bad" : isWarning ? "text-warn" : "text-quiet";
  return (
    <div className="min-w-0 flex-1 basis-0 text-sm leading-snug">
      {/* On a phone there is room for what is missing, not for what has not happened yet. */}
      <p
        role="status"
        className={`flex items-center gap-1.5 ${tone} ${state === "untouched" && missing.length > 0 ? "max-md:sr-only" : ""}`}
      >
        <Icon name={icons[state]} className="size-4" />
        {words[state]}
      </p>
      {state === "elsewhere" && onDecide && (
        <button
          type="button"
          onClick={onDecide}
          className="min-h-9 font-semibold text-mark underline underline-offset-4"
        >
          {t.draft.decide}
        </button>
      )}
      {missing.length > 0 && (
        <p className="mt-0.5 text-quiet">
          {t.compose.needs} {format.list(missing)}
        </p>
      )}
    </div>
  );
}
