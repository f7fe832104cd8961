/**
 * The photo as the video frames it: filling the frame where their shapes are alike, else whole, on
 * a backdrop made of itself. The same rule and proportions as in the composer (backend/media/scene).
 */

import { useState } from "react";

const FILL_TOLERANCE = 0.16;

interface SceneProps {
  src: string;
  alt: string;
  /** Width over height of the frame that is shown. */
  frame: number;
  onError?: () => void;
}

/** Width over height of an aspect such as "16:9". */
export function shapeOf(aspect: string): number {
  const [width, height] = aspect.split(":").map(Number);
  return width && height ? width / height : 16 / 9;
}

export function Scene({ src, alt, frame, onError }: SceneProps) {
  const [photo, setPhoto] = useState<number | null>(null);
  const fills = photo === null || Math.abs(photo / frame - 1) <= FILL_TOLERANCE;
  const isWide = photo !== null && photo > frame;
  const card = `top-[32%] left-1/2 -translate-x-1/2 -translate-y-[32%] rounded-[2.5%] shadow-2xl ${isWide ? "w-4/5" : "h-4/5"}`;
  return (
    <div className="relative size-full overflow-hidden bg-black">
      {!fills && (
        <img
          src={src}
          alt=""
          className="absolute inset-0 size-full scale-125 object-cover blur-2xl brightness-[.55]"
        />
      )}
      <img
        src={src}
        alt={alt}
        onLoad={(event) => {
          const { naturalWidth, naturalHeight } = event.currentTarget;
          if (naturalHeight > 0) setPhoto(naturalWidth / naturalHeight);
        }}
        onError={onError}
        className={`absolute max-w-none ${fills ? "inset-0 size-full object-cover object-[50%_35%]" : card} ${photo === null ? "opacity-0" : ""}`}
      />
    </div>
  );
}
