/** What is seen while somebody speaks: photos in their order, or a colour in their place. */

import { useText } from "../../../i18n";
import type { Words } from "../../../lib/problems";
import { Button } from "../../../ui/Button";
import { type Crop, cropOf, withCrop } from "../crops";
import type { DraftContent } from "../draft";
import { PhotoField } from "../PhotoField";
import { ColourField, FIRST_COLOUR } from "./ColourField";
import { PhotoStrip } from "./PhotoStrip";

type PictureField = "photo" | "photos";

interface PicturesProps {
  content: DraftContent;
  problemOf: (field: PictureField) => Words | undefined;
  onChange: (field: PictureField, changes: Partial<DraftContent>) => void;
}

export function Pictures({ content, problemOf, onChange }: PicturesProps) {
  const t = useText();
  if (content.background !== null) {
    return (
      <ColourField
        value={content.background}
        aspect={content.aspect}
        problem={problemOf("photo")}
        onColour={(background) => onChange("photo", { background })}
      />
    );
  }
  const first = content.photo_upload_id;
  const setCrop = (photo: string, crop: Crop | null) =>
    onChange("photo", { photo_crops: withCrop(content.photo_crops, photo, crop) });
  return (
    <div className="grid gap-2">
      <PhotoField
        uploadId={first}
        aspect={content.aspect}
        script={content.script}
        problem={problemOf("photo")}
        crop={first ? cropOf(content.photo_crops, first) : undefined}
        onPhoto={(photo_upload_id) => onChange("photo", { photo_upload_id })}
        onCrop={(crop) => first && setCrop(first, crop)}
      />
      {first ? (
        <PhotoStrip
          first={first}
          more={content.more_photo_upload_ids}
          aspect={content.aspect}
          crops={content.photo_crops}
          onCrop={setCrop}
          problem={problemOf("photos")}
          onPhotos={(photo_upload_id, more_photo_upload_ids) =>
            onChange("photos", { photo_upload_id, more_photo_upload_ids })
          }
        />
      ) : (
        <Button
          look="quiet"
          className="justify-self-center"
          onClick={() => onChange("photo", { background: FIRST_COLOUR })}
        >
          {t.look.noPhoto}
        </Button>
      )}
    </div>
  );
}
