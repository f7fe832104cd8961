/** Which camera and which microphone: what each gives is seen and heard at once. */

import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useLanguage } from "../../i18n";
import type { Device } from "../../lib/devices";
import { Icon } from "../../ui/Icon";
import { LevelMeter } from "../../ui/LevelMeter";
import { Spinner } from "../../ui/Spinner";
import type { CameraFrames } from "./frames";
import type { Studio, StudioView } from "./studio";

export function DevicePicker({ studio, view }: { studio: Studio; view: StudioView }) {
  const { t } = useLanguage();
  const { state } = view;
  return (
    <div className="mx-auto grid w-full max-w-md gap-5 self-center overflow-y-auto rounded-2xl bg-card p-4 text-ink shadow-card md:me-0 md:max-w-2xl md:grid-cols-2">
      <Cameras studio={studio} view={view} />
      <Microphones studio={studio} view={view} />
      <label className="flex min-h-11 items-center gap-3 font-semibold">
        <input
          type="checkbox"
          checked={state.isCountdownOn}
          onChange={(event) => studio.send({ type: "countdown", isOn: event.target.checked })}
          className="size-6 accent-mark"
        />
        {t.studio.countdown}
      </label>
    </div>
  );
}

/** What was pressed counts at once, although a device takes a moment to open. */
function useWish(current: string | undefined, phase: string) {
  const [wished, setWished] = useState<string | null>(null);
  useEffect(() => {
    if (phase === "ready") setWished(null);
  }, [phase]);
  return [wished ?? current, setWished] as const;
}

interface PartProps {
  studio: Studio;
  view: StudioView;
}

function Cameras({ studio, view }: PartProps) {
  const { t } = useLanguage();
  const id = useId();
  const { cameras } = view.devices;
  const [chosen, wish] = useWish(view.cameraId, view.state.phase);
  return (
    <fieldset>
      <legend className="mb-1.5 font-semibold">{t.studio.camera}</legend>
      <div className="grid grid-cols-2 gap-2.5">
        {cameras.map((camera, place) => (
          <Choice
            key={camera.deviceId}
            group={id}
            device={camera}
            place={place}
            isChosen={camera.deviceId === chosen}
            onChoose={() => {
              wish(camera.deviceId);
              studio.chooseCamera(camera);
            }}
          >
            <span
              aria-hidden="true"
              className="relative block aspect-video overflow-hidden rounded-lg bg-black text-white"
            >
              {camera.deviceId === view.cameraId && view.stream?.active ? (
                <Live view={view} frames={studio.frames} />
              ) : (
                <Remembered frame={studio.frames.of(camera.deviceId)} isMirror={view.isMirror} />
              )}
              {camera.deviceId === chosen && !view.stream?.active && (
                <span className="absolute inset-0 grid place-items-center">
                  <Spinner />
                </span>
              )}
            </span>
          </Choice>
        ))}
      </div>
    </fieldset>
  );
}

const FRAME_EVERY_MS = 1000;

/** The open camera. Phones open one at a time: the others show what was last seen of them. */
function Live({ view, frames }: { view: StudioView; frames: CameraFrames }) {
  const { stream, cameraId, isMirror } = view;
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element || !cameraId) return;
    element.srcObject = stream;
    const keep = () => void frames.keep(cameraId, element);
    element.addEventListener("playing", keep);
    const timer = setInterval(keep, FRAME_EVERY_MS);
    return () => {
      clearInterval(timer);
      element.removeEventListener("playing", keep);
    };
  }, [stream, cameraId, frames]);
  return (
    <video
      ref={video}
      muted
      autoPlay
      playsInline
      className={`size-full object-contain ${isMirror ? "-scale-x-100" : ""}`}
    />
  );
}

function Remembered({ frame, isMirror }: { frame: ImageBitmap | null; isMirror: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (frame) canvas.current?.getContext("2d")?.drawImage(frame, 0, 0);
  }, [frame]);
  if (!frame) {
    return (
      <span className="grid size-full place-items-center opacity-70">
        <Icon name="camera" className="size-7" />
      </span>
    );
  }
  return (
    <canvas
      ref={canvas}
      width={frame.width}
      height={frame.height}
      data-remembered
      className={`size-full object-contain opacity-60 ${isMirror ? "-scale-x-100" : ""}`}
    />
  );
}

function Microphones({ studio, view }: PartProps) {
  const { t } = useLanguage();
  const id = useId();
  const { microphones } = view.devices;
  const [chosen, wish] = useWish(view.microphoneId, view.state.phase);
  return (
    <fieldset>
      <legend className="mb-1.5 font-semibold">{t.studio.microphone}</legend>
      <div className="grid gap-2.5">
        {microphones.map((microphone, place) => (
          <Choice
            key={microphone.deviceId}
            group={id}
            device={microphone}
            place={place}
            isChosen={microphone.deviceId === chosen}
            onChoose={() => {
              wish(microphone.deviceId);
              studio.chooseMicrophone(microphone);
            }}
          >
            {microphone.deviceId === view.microphoneId && view.stream?.active && (
              <LevelMeter stream={view.stream} />
            )}
          </Choice>
        ))}
      </div>
    </fieldset>
  );
}

interface ChoiceProps {
  group: string;
  device: Device;
  place: number;
  isChosen: boolean;
  onChoose: () => void;
  /** What the device gives at this moment. */
  children: ReactNode;
}

function Choice({ group, device, place, isChosen, onChoose, children }: ChoiceProps) {
  const { t, format } = useLanguage();
  const id = useId();
  return (
    <label className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-2 rounded-xl border border-edge p-2.5 has-checked:border-mark has-checked:bg-tint has-checked:ring-1 has-checked:ring-mark has-[input:focus-visible]:outline-3 has-[input:focus-visible]:outline-mark has-[input:focus-visible]:outline-offset-2">
      <span className="flex min-h-7 min-w-0 items-center gap-2.5">
        <input
          type="radio"
          name={group}
          checked={isChosen}
          aria-labelledby={id}
          onChange={onChoose}
          className="size-5 shrink-0 accent-mark focus-visible:outline-none"
        />
        <span id={id} className="min-w-0 truncate text-sm leading-snug">
          {device.label || t.studio.unnamed(format.integer(place + 1))}
        </span>
      </span>
      {children}
    </label>
  );
}
