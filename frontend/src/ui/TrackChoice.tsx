/** The music that comes along: heard before it is chosen. */

import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useLanguage } from "../i18n";
import { fetchTrack, tracksQuery } from "../lib/music";
import { useSound } from "../lib/sound";
import { Icon } from "./Icon";
import { Spinner } from "./Spinner";
import { useToast } from "./Toasts";

interface TrackChoiceProps {
  value: string | null;
  onTrack: (track: string | null) => void;
}

const row =
  "flex min-h-11 flex-1 items-center gap-2.5 rounded-s-xl px-3.5 py-1.5 has-[input:focus-visible]:outline-3 has-[input:focus-visible]:outline-mark has-[input:focus-visible]:outline-offset-2";

export function TrackChoice({ value, onTrack }: TrackChoiceProps) {
  const { t, locale } = useLanguage();
  const id = useId();
  const tracks = useQuery(tracksQuery).data?.items ?? [];
  const choices = [
    { id: null, name: t.music.none },
    ...tracks.map(({ id, name }) => ({ id, name: name[locale] })),
  ];
  return (
    <ul className="mb-2.5 grid gap-1.5 sm:grid-cols-2">
      {choices.map(({ id: track, name }) => (
        <li
          key={track}
          className="flex items-stretch rounded-xl border border-edge bg-card has-checked:border-mark has-checked:bg-tint has-checked:ring-1 has-checked:ring-mark"
        >
          <label className={row}>
            <input
              type="radio"
              name={id}
              checked={value === track}
              onChange={() => onTrack(track)}
              className="size-4.5 shrink-0 accent-mark focus-visible:outline-none"
            />
            <span className="text-sm leading-snug">{name}</span>
          </label>
          {track && <Hear track={track} name={name} />}
        </li>
      ))}
    </ul>
  );
}

function Hear({ track, name }: { track: string; name: string }) {
  const { t } = useLanguage();
  const sound = useSound();
  const toast = useToast();
  const state = sound.current?.state;
  const press = () => {
    if (state) sound.stop();
    else
      sound
        .play(track, (signal) => fetchTrack(track, signal))
        .catch(() => toast(t.music.mute, "bad"));
  };
  return (
    <button
      type="button"
      aria-label={state ? t.music.stop(name) : t.music.hear(name)}
      onClick={press}
      className="grid w-11 shrink-0 place-items-center rounded-e-xl text-mark hover:bg-tint"
    >
      {state === "loading" ? <Spinner /> : <Icon name={state ? "stop" : "play"} />}
    </button>
  );
}
