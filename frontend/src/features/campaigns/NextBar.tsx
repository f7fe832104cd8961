/** The one obvious next action, at the edge where a thumb finds it. */

import type { ReactNode } from "react";

export function NextBar({ told, children }: { told?: ReactNode; children: ReactNode }) {
  return (
    <div className="fixed inset-x-0 bottom-0 z-20 border-line border-t bg-paper/95 pb-[env(safe-area-inset-bottom)] backdrop-blur lg:sticky lg:bottom-4 lg:mt-6 lg:rounded-2xl lg:border lg:bg-card/95 lg:shadow-card">
      <div className="mx-auto flex max-w-6xl flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3 md:px-8 lg:px-5">
        <div className="min-w-0 text-quiet text-sm" aria-live="polite">
          {told}
        </div>
        <div className="flex flex-wrap justify-end gap-2 max-sm:w-full max-sm:*:flex-1">
          {children}
        </div>
      </div>
    </div>
  );
}
