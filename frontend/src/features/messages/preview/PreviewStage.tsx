/** Picture, captions and controls of a preview; every moment is worked out from the timeline. */

import { useCallback, useEffect, useState } from "react";
import { useLanguage } from "../../../i18n";
import type { Preview } from "../../../lib/api";
import { Button } from "../../../ui/Button";
import { WaveBars } from "../../../ui/WaveBars";
import { Scene } from "../Scene";
import type { PreviewSound } from "./sound";
import { cueAt, segmentAt, zoomAt } from "./stage";

interface PreviewStageProps {
  preview: Preview;
  sound: PreviewSound;
}

export function PreviewStage({ preview, sound }: PreviewStageProps) {
  const { t, format } = useLanguage();
  const { timeS, isPlaying, toggle, seek } = usePlayback(preview, sound);
  const total = format.clock(preview.duration_s);
  return (
    <div className="grid gap-3">
      <Picture preview={preview} sound={sound} timeS={timeS} />
      <div className="flex items-center gap-3">
        <Button look="primary" icon={isPlaying ? "pause" : "play"} onClick={toggle}>
          {isPlaying ? t.preview.pause : t.preview.play}
        </Button>
        <input
          type="range"
          min={0}
          max={preview.duration_s}
          step={1 / preview.frame_rate}
          value={Math.min(timeS, preview.duration_s)}
          aria-label={t.preview.position}
          aria-valuetext={t.preview.at(format.clock(timeS), total)}
          onChange={(event) => seek(Number(event.target.value))}
          className="h-11 min-w-0 flex-1 accent-mark"
        />
        <span className="text-quiet text-sm tabular-nums">
          {format.clock(timeS)} / {total}
        </span>
      </div>
    </div>
  );
}

/** The moment that is shown: followed while it plays, set by whoever seeks. */
function usePlayback(preview: Preview, sound: PreviewSound) {
  const [timeS, setTime] = useState(0);
  const [isPlaying, setPlaying] = useState(false);
  const seek = useCallback(
    (to: number) => {
      sound.seek(to);
      setTime(to);
    },
    [sound],
  );
  // Another preview begins anew.
  useEffect(() => {
    if (preview) seek(0);
    setPlaying(false);
  }, [preview, seek]);
  useEffect(() => {
    if (!isPlaying) return;
    let next = 0;
    const show = () => {
      sound.duck();
      setTime(sound.timeS);
      if (sound.timeS < preview.duration_s) next = requestAnimationFrame(show);
      else {
        sound.pause();
        setPlaying(false);
      }
    };
    next = requestAnimationFrame(show);
    return () => cancelAnimationFrame(next);
  }, [isPlaying, preview, sound]);
  const toggle = () => {
    if (isPlaying) sound.pause();
    else void sound.play();
    setPlaying(!isPlaying);
  };
  return { timeS, isPlaying, toggle, seek };
}

function Picture({ preview, sound, timeS }: PreviewStageProps & { timeS: number }) {
  const { t } = useLanguage();
  const segment = segmentAt(preview, timeS);
  const frame = preview.width_px / preview.height_px;
  const caption = cueAt(preview, timeS);
  if (!segment) return null;
  const zoom = zoomAt(segment, preview.frame_rate, timeS);
  return (
    <div
      role="img"
      aria-label={t.preview.picture}
      className="relative mx-auto overflow-hidden rounded-xl bg-black"
      style={{
        containerType: "size",
        aspectRatio: frame,
        // As wide as there is room for, and never so that it gets another shape.
        width: `min(100%, ${60 * frame}vh)`,
      }}
    >
      <div
        className="absolute inset-0"
        style={{
          background: preview.background ?? undefined,
          filter: segment.card ? "blur(12px) brightness(.5)" : undefined,
          transform: `scale(${zoom})`,
          transformOrigin: `${segment.focus_x * 100}% ${segment.focus_y * 100}%`,
        }}
      >
        {preview.photo_urls.map((url, place) => (
          <div key={url} className="absolute inset-0" hidden={place !== segment.picture}>
            <Scene src={url} alt="" frame={frame} crop={preview.photo_crops[place]} />
          </div>
        ))}
      </div>
      {segment.card ? (
        <TitleCard text={segment.card} preview={preview} />
      ) : (
        <Meter
          way={preview.waveform}
          level={sound.level(timeS)}
          ink={preview.accent ?? "#ffffff"}
        />
      )}
      <p className="absolute inset-x-[5%] bottom-[14%] whitespace-pre-line text-center font-medium text-[clamp(0.8rem,3.4cqmin,1.6rem)] text-white leading-snug [text-shadow:0_0_4px_#000,0_1px_3px_#000]">
        {caption}
      </p>
    </div>
  );
}

function TitleCard({ text, preview }: { text: string; preview: Preview }) {
  return (
    <>
      {preview.shade && (
        <div
          aria-hidden="true"
          className="absolute inset-0 opacity-60"
          style={{ background: preview.shade }}
        />
      )}
      {preview.ornament_url && (
        <img src={preview.ornament_url} alt="" className="absolute inset-0 size-full" />
      )}
      <p className="absolute inset-[8%] grid place-content-center text-center text-[8.5cqmin] text-white leading-tight">
        {text}
      </p>
    </>
  );
}

interface MeterProps {
  way: Preview["waveform"];
  level: number;
  ink: string;
}

function Meter({ way, level, ink }: MeterProps) {
  if (way === "none") return null;
  return way === "ring" ? <Ring level={level} ink={ink} /> : <Bars level={level} ink={ink} />;
}

function Ring({ level, ink }: Omit<MeterProps, "way">) {
  return (
    <span
      aria-hidden="true"
      className="-translate-x-1/2 -translate-y-1/2 absolute top-[44%] left-1/2 rounded-full"
      style={{
        width: "62cqmin",
        height: "62cqmin",
        border: `${0.5 + 1.5 * level}cqmin solid ${ink}`,
        opacity: 0.35 + 0.6 * level,
      }}
    />
  );
}

const BARS = 21;

function Bars({ level, ink }: Omit<MeterProps, "way">) {
  const middle = (BARS - 1) / 2;
  const heights = Array.from({ length: BARS }, (_, place) =>
    Math.max(3, 24 * level * (1 - (0.6 * Math.abs(place - middle)) / middle)),
  );
  return (
    <WaveBars
      heights={heights}
      ink={ink}
      className="absolute inset-x-0 bottom-[4%] mx-auto h-[7%]"
    />
  );
}
