/**
 * The photo, or the part of it that was chosen, as the video frames it: filling the frame where
 * their shapes are alike, else whole, on a backdrop made of itself. The same rule and proportions as in the composer (backend/media/scene).
 */

import { type CSSProperties, useState } from "react";
import type { Crop } from "./crops";

const FILL_TOLERANCE = 0.16;

interface SceneProps {
  src: string;
  alt: string;
  /** Width over height of the frame that is shown. */
  frame: number;
  /** The part of the photo that is seen in its stead. */
  crop?: Crop | null | undefined;
  onError?: () => void;
}

/** Width over height of an aspect such as "16:9". */
export function shapeOf(aspect: string): number {
  const [width, height] = aspect.split(":").map(Number);
  return width && height ? width / height : 16 / 9;
}

const WHOLE: Pick<Crop, "left" | "top" | "width" | "height"> = {
  left: 0,
  top: 0,
  width: 1,
  height: 1,
};
const percent = (share: number): string => `${share * 100}%`;

export function Scene({ src, alt, frame, crop, onError }: SceneProps) {
  const [photo, setPhoto] = useState<number | null>(null);
  const seen = crop ?? WHOLE;
  const shape = photo === null ? frame : (photo * seen.width) / seen.height;
  const fills = Math.abs(shape / frame - 1) <= FILL_TOLERANCE;
  const part = partOf(seen);
  return (
    <div className="relative size-full overflow-hidden bg-black">
      {!fills && (
        <div
          className="absolute scale-125 overflow-hidden blur-2xl brightness-[.55]"
          style={covering(shape / frame, 0.5)}
        >
          <img src={src} alt="" className="absolute max-w-none" style={part} />
        </div>
      )}
      <div
        className={`absolute overflow-hidden ${fills ? "" : CARD} ${photo === null ? "opacity-0" : ""}`}
        style={fills ? covering(shape / frame, 0.35) : carded(shape, frame)}
      >
        <img
          src={src}
          alt={alt}
          onLoad={(event) => {
            const { naturalWidth, naturalHeight } = event.currentTarget;
            if (naturalHeight > 0) setPhoto(naturalWidth / naturalHeight);
          }}
          onError={onError}
          className="absolute max-w-none"
          style={part}
        />
      </div>
    </div>
  );
}

const CARD = "top-[32%] left-1/2 -translate-x-1/2 -translate-y-[32%] rounded-[2.5%] shadow-2xl";

/** Where the whole photo lies in a box that shows a part of it. */
const partOf = ({ left, top, width, height }: typeof WHOLE): CSSProperties => ({
  left: percent(-left / width),
  top: percent(-top / height),
  width: percent(1 / width),
  height: percent(1 / height),
});

/** A box over all of the frame; `wider` is its shape over the frame's, `fromTop` what is cut there. */
function covering(wider: number, fromTop: number): CSSProperties {
  const width = Math.max(wider, 1);
  const height = Math.max(1 / wider, 1);
  return {
    left: percent((1 - width) / 2),
    top: percent((1 - height) * fromTop),
    width: percent(width),
    height: percent(height),
  };
}

const CARD_SHARE = 0.78;

function carded(shape: number, frame: number): CSSProperties {
  const wider = shape / frame;
  return {
    width: percent(CARD_SHARE * Math.min(wider, 1)),
    height: percent(CARD_SHARE * Math.min(1 / wider, 1)),
  };
}
