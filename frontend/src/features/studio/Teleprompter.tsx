/** The script over the picture, close to the lens; it rolls while the recording does. */

import { useEffect, useId, useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import { scriptChanges } from "../../lib/recordings";
import { tolerant } from "../../lib/storage";
import type { WordsBeingTyped } from "./words";

const SIZES = [100, 125, 150, 200] as const;
const looks: Record<number, string> = {
  100: "text-xl",
  125: "text-2xl",
  150: "text-3xl",
  200: "text-4xl",
};
/** Lines a minute: unhurried speech, with room on both sides. */
const SLOWEST = 4;
const FASTEST = 40;
const USUAL = 14;
const STORED_AS = "studio:script";

interface Pace {
  speed: number;
  size: number;
}

function storedPace(): Pace {
  const stored = tolerant((held) => JSON.parse(held.getItem(STORED_AS) ?? "null"));
  const speed = Number(stored?.speed);
  const isKnown = SIZES.some((size) => size === stored?.size);
  return {
    speed: speed >= SLOWEST && speed <= FASTEST ? speed : USUAL,
    size: isKnown ? stored.size : SIZES[1],
  };
}

const wantsNoMotion = (): boolean =>
  globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;

export function Teleprompter({ script, isRunning }: { script: string; isRunning: boolean }) {
  const { t } = useLanguage();
  const [pace, setPace] = useState(storedPace);
  const page = useRef<HTMLElement>(null);
  const isStill = wantsNoMotion();
  const change = (changes: Partial<Pace>) => {
    const next = { ...pace, ...changes };
    setPace(next);
    tolerant((held) => held.setItem(STORED_AS, JSON.stringify(next)));
  };
  useRolling(page, isRunning && !isStill, pace.speed);
  const turn = () => page.current?.scrollBy({ top: page.current.clientHeight * 0.8 });
  return (
    <div className="mx-auto grid w-full max-w-2xl gap-2">
      <section
        ref={page}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by the keyboard
        tabIndex={0}
        aria-label={t.studio.script}
        className={`max-h-[34dvh] overflow-y-auto whitespace-pre-wrap rounded-2xl bg-black/70 px-4 py-3 font-semibold leading-normal focus-visible:outline-white ${looks[pace.size]}`}
      >
        {script}
      </section>
      <div className="flex flex-wrap items-center justify-center gap-x-5 gap-y-1 rounded-2xl bg-black/70 px-3 py-1.5 text-sm">
        {isStill ? (
          <button type="button" onClick={turn} className="min-h-11 font-semibold underline">
            {t.studio.scriptFurther}
          </button>
        ) : (
          <PaceSlider value={pace.speed} onValue={(speed) => change({ speed })} />
        )}
        <SizeChoice value={pace.size} onValue={(size) => change({ size })} />
      </div>
    </div>
  );
}

/** Scroll by fractions of a pixel, which the element itself would round away. */
function useRolling(
  page: React.RefObject<HTMLElement | null>,
  isRolling: boolean,
  linesAMinute: number,
): void {
  useEffect(() => {
    const element = page.current;
    if (!isRolling || !element) return;
    const lineHeight = Number.parseFloat(getComputedStyle(element).lineHeight) || 32;
    let at = element.scrollTop;
    let beforeMs = performance.now();
    let frame = requestAnimationFrame(function roll(nowMs) {
      // Whoever scrolls by hand goes on from there.
      if (Math.abs(element.scrollTop - at) > 2) at = element.scrollTop;
      at += ((nowMs - beforeMs) / 60_000) * linesAMinute * lineHeight;
      beforeMs = nowMs;
      element.scrollTop = at;
      frame = requestAnimationFrame(roll);
    });
    return () => cancelAnimationFrame(frame);
  }, [page, isRolling, linesAMinute]);
}

function PaceSlider({ value, onValue }: { value: number; onValue: (speed: number) => void }) {
  const { t, format } = useLanguage();
  return (
    <label className="flex items-center gap-2">
      {t.studio.scriptSpeed}
      <input
        type="range"
        min={SLOWEST}
        max={FASTEST}
        step={1}
        value={value}
        aria-valuetext={t.studio.scriptSpeedOf(format.integer(value))}
        onChange={(event) => onValue(Number(event.target.value))}
        className="h-11 w-28 accent-white"
      />
    </label>
  );
}

function SizeChoice({ value, onValue }: { value: number; onValue: (size: number) => void }) {
  const { t, format } = useLanguage();
  const id = useId();
  return (
    <span className="flex items-center gap-2">
      <label htmlFor={id}>{t.studio.scriptSize}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => onValue(Number(event.target.value))}
        className="min-h-11 rounded-lg bg-black px-2 text-white"
      >
        {SIZES.map((size) => (
          <option key={size} value={size}>
            {t.studio.scriptSizeOf(format.integer(size))}
          </option>
        ))}
      </select>
    </span>
  );
}

/** Where the script is written before the recording. */
export function ScriptPanel({ words }: { words: WordsBeingTyped }) {
  const { t } = useLanguage();
  const id = useId();
  return (
    <div className="mx-auto grid w-full max-w-2xl gap-2 rounded-2xl bg-card p-4 text-ink shadow-card">
      <label htmlFor={id} className="font-semibold">
        {t.studio.script}
      </label>
      <textarea
        id={id}
        rows={6}
        value={words.content.script}
        placeholder={t.studio.scriptPlaceholder}
        aria-describedby={`${id}-hint`}
        onChange={(event) => words.change(scriptChanges(words.content, event.target.value))}
        className="max-h-[40dvh] min-h-32 w-full resize-y rounded-xl border border-edge bg-card px-4 py-3 text-lg leading-relaxed placeholder:text-quiet"
      />
      <p id={`${id}-hint`} className="text-quiet text-sm">
        {t.studio.scriptHint}
      </p>
    </div>
  );
}
