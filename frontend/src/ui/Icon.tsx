/** Line drawings on a 24 × 24 grid; silent for assistive technology. */

const paths = {
  message:
    "M4 6.5A2.5 2.5 0 0 1 6.5 4h11A2.5 2.5 0 0 1 20 6.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-5 3.5V17A2.5 2.5 0 0 1 4 14.5zM10.5 8v5l4-2.5z",
  voice: "M5 10.5v3M8.5 7.5v9M12 4.5v15M15.5 8v8M19 10.5v3",
  person:
    "M12 11.5a3.75 3.75 0 1 0 0-7.5 3.75 3.75 0 0 0 0 7.5zM4.5 20c.9-3.5 3.9-5.5 7.5-5.5s6.6 2 7.5 5.5",
  plus: "M12 5v14M5 12h14",
  photo:
    "M4 7a2.5 2.5 0 0 1 2.5-2.5h11A2.5 2.5 0 0 1 20 7v10a2.5 2.5 0 0 1-2.5 2.5h-11A2.5 2.5 0 0 1 4 17zM4.5 17.5l4.5-5 3.5 3.5 2.5-2.5 4.5 4.5M15.3 9.2h.01",
  camera:
    "M4 9a2 2 0 0 1 2-2h1.8l1.4-2h5.6l1.4 2H18a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM12 16.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
  play: "M8 5.5v13l11-6.5z",
  stop: "M7 7h10v10H7z",
  microphone:
    "M12 14.5a3 3 0 0 0 3-3v-5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3zM6 11.5a6 6 0 0 0 12 0M12 17.5V21M8.5 21h7",
  file: "M7 3.5h6.5L18.5 8.5V19a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 19V5A1.5 1.5 0 0 1 7 3.5zM13 3.5V9h5.5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  cloud:
    "M7.5 18.5a4 4 0 0 1-.5-7.97 5.5 5.5 0 0 1 10.6-1.03A4.5 4.5 0 0 1 17 18.5zM9.5 13.7l2 2 3.5-3.7",
  device:
    "M8 3.5h8A1.5 1.5 0 0 1 17.5 5v14a1.5 1.5 0 0 1-1.5 1.5H8A1.5 1.5 0 0 1 6.5 19V5A1.5 1.5 0 0 1 8 3.5zM11 17.5h2",
  alert: "M12 4 21 19.5H3zM12 10v4.5M12 17h.01",
  info: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11.5V16M12 8h.01",
  link: "M10 14a4 4 0 0 0 5.66 0l3-3A4 4 0 0 0 13 5.34l-1 1M14 10a4 4 0 0 0-5.66 0l-3 3A4 4 0 0 0 11 18.66l1-1",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  share: "M12 15V4M8 7.5 12 3.5l4 4M6 11.5H5V20h14v-8.5h-1",
  trash: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 13h9l1-13M10.5 11v5.5M13.5 11v5.5",
  copy: "M9 9V5.5A1.5 1.5 0 0 1 10.5 4h8A1.5 1.5 0 0 1 20 5.5v8a1.5 1.5 0 0 1-1.5 1.5H15M5.5 9h8a1.5 1.5 0 0 1 1.5 1.5v8a1.5 1.5 0 0 1-1.5 1.5h-8A1.5 1.5 0 0 1 4 18.5v-8A1.5 1.5 0 0 1 5.5 9z",
  edit: "M5 19l.8-4L16.5 4.3a1.5 1.5 0 0 1 2.1 0l1.1 1.1a1.5 1.5 0 0 1 0 2.1L9 18.2zM14 7l3 3",
  captions:
    "M4 7a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM10.5 10.5a2 2 0 1 0 0 3M17 10.5a2 2 0 1 0 0 3",
  back: "M19 12H5M11 6l-6 6 6 6",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  eyeOff:
    "M4 4l16 16M9.9 5.8A9 9 0 0 1 12 5.5c6 0 9.5 6.5 9.5 6.5a17 17 0 0 1-3 3.7M6.2 7.6A17 17 0 0 0 2.5 12S6 18.5 12 18.5a9 9 0 0 0 4-1M10 10a3 3 0 0 0 4.1 4.1",
  close: "M6 6l12 12M18 6 6 18",
  key: "M8 19a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM11.2 11.3 19 3.5M16 6.5l2.5 2.5",
  video:
    "M3.5 8.5A2.5 2.5 0 0 1 6 6h6.5A2.5 2.5 0 0 1 15 8.5v7a2.5 2.5 0 0 1-2.5 2.5H6a2.5 2.5 0 0 1-2.5-2.5zM15 11l5.5-3.5v9L15 13",
  record: "M12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14z",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  turn: "M19.5 11A7.5 7.5 0 0 0 6 7.2L4.5 9M4.5 4.5V9H9M4.5 13A7.5 7.5 0 0 0 18 16.8l1.5-1.8M19.5 19.5V15H15",
  undo: "M9 6.5 4.5 11 9 15.5M5 11h9a5 5 0 0 1 0 10h-2",
  settings:
    "M4 7.5h8M17 7.5h3M4 16.5h3M12 16.5h8M14.5 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM9.5 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  text: "M5 6.5h14M5 12h14M5 17.5h8",
  cut: "M8 3.5v17M16 3.5v17M8 8h8M8 16h8",
  shield: "M12 3.5 19 6v6c0 4.2-2.9 7.3-7 8.5-4.1-1.2-7-4.3-7-8.5V6zM9 12l2.2 2.2L15.2 10",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  const size = className.includes("size-") ? "" : "size-5";
  const isSolid = name === "play" || name === "stop" || name === "record";
  return (
    <svg
      viewBox="0 0 24 24"
      aria-hidden="true"
      focusable="false"
      className={`shrink-0 ${size} ${className}`}
      fill={isSolid ? "currentColor" : "none"}
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  );
}
