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
};

export function SaveLine({ state, missing }: { state: SaveState; missing: string[] }) {
  const { t, format } = useLanguage();
  const words: Record<SaveState, string> = {
    untouched: t.compose.notStarted,
    saving: t.compose.saving,
    saved: t.compose.saved,
    device: t.compose.savedDevice,
    refused: t.compose.saveProblem,
  };
  const tone = state === "refused" ? "text-bad" : state === "device" ? "text-warn" : "text-quiet";
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
      {missing.length > 0 && (
        <p className="mt-0.5 text-quiet">
          {t.compose.needs} {format.list(missing)}
        </p>
      )}
    </div>
  );
}
