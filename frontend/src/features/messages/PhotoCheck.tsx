/** What the server saw in a photo, said calmly beside it, and the crop that it offers. */

import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useLanguage } from "../../i18n";
import { uploadQuery } from "../../lib/queries";
import { Icon, type IconName } from "../../ui/Icon";
import type { Crop, PhotoFacts } from "./crops";
import { Scene, shapeOf } from "./Scene";

interface PhotoCheckProps {
  uploadId: string;
  aspect: string;
  crop: Crop | undefined;
  /** What the photo is called where there are several. */
  name?: string;
  onCrop: (crop: Crop | null) => void;
}

export function PhotoCheck({ uploadId, aspect, crop, name, onCrop }: PhotoCheckProps) {
  const facts = useQuery(uploadQuery(uploadId)).data?.photo;
  if (!facts) return null;
  const offered = crop ?? facts.frames[aspect]?.crop;
  return (
    <div className="mt-2.5 grid gap-2.5">
      <Findings facts={facts} aspect={aspect} name={name} />
      {offered && (
        <CropChoice
          src={`/api/v1/uploads/${uploadId}/content`}
          aspect={aspect}
          offered={offered}
          isUsed={crop !== undefined}
          name={name}
          onUse={(isUsed) => onCrop(isUsed ? offered : null)}
        />
      )}
    </div>
  );
}

interface FindingsProps {
  facts: PhotoFacts;
  aspect: string;
  name: string | undefined;
}

function Findings({ facts, aspect, name }: FindingsProps) {
  const { t, format } = useLanguage();
  const { faces, was_turned, width_px, height_px } = facts;
  const size = `${format.integer(width_px)} × ${format.integer(height_px)}`;
  return (
    <div role="status" className="grid gap-1 text-quiet text-sm">
      {name && <p className="font-semibold text-ink">{name}</p>}
      {faces !== null && (
        <Finding icon={faces ? "check" : "info"}>
          {faces ? t.photoCheck.faces(faces) : t.photoCheck.noFace}
        </Finding>
      )}
      {facts.frames[aspect]?.is_soft && <Finding icon="info">{t.photoCheck.soft(size)}</Finding>}
      {was_turned && <Finding icon="turn">{t.photoCheck.turned}</Finding>}
    </div>
  );
}

function Finding({ icon, children }: { icon: IconName; children: string }) {
  return (
    <p className="flex items-start gap-2">
      <Icon name={icon} className="mt-0.5 size-4 shrink-0 text-mark" />
      <span>{children}</span>
    </p>
  );
}

interface CropChoiceProps {
  src: string;
  aspect: string;
  offered: Crop;
  isUsed: boolean;
  name: string | undefined;
  onUse: (isUsed: boolean) => void;
}

function CropChoice({ src, aspect, offered, isUsed, name, onUse }: CropChoiceProps) {
  const { t } = useLanguage();
  const group = useId();
  const ways = [
    { isCrop: false, label: t.photoCheck.whole, crop: undefined },
    { isCrop: true, label: t.photoCheck.crop, crop: offered },
  ];
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 font-semibold text-sm">
        {t.photoCheck.shown}
        {name && <span className="sr-only"> ({name})</span>}
      </legend>
      <div className="grid grid-cols-2 gap-2.5">
        {ways.map(({ isCrop, label, crop }) => (
          <label
            key={label}
            className="flex flex-col items-center gap-2 rounded-xl border border-edge bg-card p-2 text-center text-sm has-checked:border-mark has-checked:bg-tint has-checked:ring-1 has-checked:ring-mark has-focus-visible:outline-3 has-focus-visible:outline-mark has-focus-visible:outline-offset-2"
          >
            <input
              type="radio"
              name={group}
              checked={isUsed === isCrop}
              onChange={() => onUse(isCrop)}
              className="sr-only"
            />
            <span
              aria-hidden="true"
              className="block max-h-28 max-w-full overflow-hidden rounded-lg"
              style={{
                aspectRatio: shapeOf(aspect),
                ...(shapeOf(aspect) > 1 ? { width: "100%" } : { height: "7rem" }),
              }}
            >
              <Scene src={src} alt="" frame={shapeOf(aspect)} crop={crop} />
            </span>
            <span className="font-semibold leading-tight">{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
