/** The photos after the first: in the order in which they come, while somebody speaks. */

import { useRef } from "react";
import { useLanguage } from "../../../i18n";
import { refusedWords, type Words } from "../../../lib/problems";
import { useFileUpload } from "../../../lib/useFileUpload";
import { Button } from "../../../ui/Button";
import { FieldProblem } from "../../../ui/Field";
import { FileInput } from "../../../ui/FileInput";
import { Icon, type IconName } from "../../../ui/Icon";

import { type Crop, cropOf, type PhotoCrop } from "../crops";
import { PhotoCheck } from "../PhotoCheck";

export const MOST_PHOTOS = 12;

interface PhotoStripProps {
  first: string;
  more: readonly string[];
  aspect: string;
  crops: readonly PhotoCrop[];
  problem: Words | undefined;
  onCrop: (photo: string, crop: Crop | null) => void;
  onPhotos: (first: string, more: string[]) => void;
}

export function PhotoStrip(props: PhotoStripProps) {
  const { first, more, aspect, crops, problem, onCrop, onPhotos } = props;
  const { t, format } = useLanguage();
  const chooser = useRef<HTMLInputElement>(null);
  const photos = [first, ...more];
  const added = useFileUpload("photo", (upload) => onPhotos(first, [...more, upload.id]));
  const keep = ([head, ...tail]: string[]) => head && onPhotos(head, tail);
  const swap = (place: number) =>
    keep(
      photos.map(
        (held, at) => photos[at === place ? place + 1 : at === place + 1 ? place : at] ?? held,
      ),
    );
  const percent = added.sending && format.integer(added.sending.fraction * 100);
  return (
    <fieldset className="mt-3 min-w-0">
      <legend className="sr-only">{t.look.photos}</legend>
      {more.length > 0 && (
        <ol className="mb-2.5 flex gap-2 overflow-x-auto pb-1">
          {photos.map((id, place) => {
            const name = format.integer(place + 1);
            return (
              <li key={id} className="grid w-24 shrink-0 gap-1">
                <img
                  src={`/api/v1/uploads/${id}/content`}
                  alt={t.look.photoNth(name)}
                  className="aspect-square w-full rounded-xl object-cover"
                />
                <div className="flex justify-between">
                  <Small
                    icon="back"
                    label={t.look.photoEarlier(name)}
                    isOff={place === 0}
                    onPress={() => swap(place - 1)}
                  />
                  <Small
                    icon="close"
                    label={t.look.photoRemove(name)}
                    onPress={() => keep(photos.filter((_, at) => at !== place))}
                  />
                  <Small
                    icon="back"
                    turn
                    label={t.look.photoLater(name)}
                    isOff={place === photos.length - 1}
                    onPress={() => swap(place)}
                  />
                </div>
              </li>
            );
          })}
        </ol>
      )}
      <div className="flex flex-wrap items-center justify-center gap-3">
        {photos.length < MOST_PHOTOS && (
          <Button
            look="quiet"
            icon="plus"
            busy={added.sending !== null}
            onClick={() => chooser.current?.click()}
          >
            {percent === null ? t.look.photosMore : t.compose.photoUploading(percent)}
          </Button>
        )}
      </div>
      {more.length > 0 && <p className="text-center text-quiet text-sm">{t.look.photosHint}</p>}
      {more.map((id, place) => (
        <PhotoCheck
          key={id}
          uploadId={id}
          aspect={aspect}
          crop={cropOf(crops, id)}
          name={t.look.photoNth(format.integer(place + 2))}
          onCrop={(crop) => onCrop(id, crop)}
        />
      ))}
      <FieldProblem id="photos-problem" problem={refusedWords(t, added.problem) ?? problem} />
      <FileInput ref={chooser} accept="image/*" onFile={(file) => void added.send(file)} />
    </fieldset>
  );
}

interface SmallProps {
  icon: IconName;
  label: string;
  turn?: boolean;
  isOff?: boolean;
  onPress: () => void;
}

function Small({ icon, label, turn, isOff, onPress }: SmallProps) {
  return (
    <button
      type="button"
      aria-label={label}
      disabled={isOff}
      onClick={onPress}
      className="grid size-8 place-items-center rounded-lg text-mark hover:bg-tint disabled:opacity-30"
    >
      <Icon name={icon} className={`size-4 ${turn ? "rotate-180" : ""}`} />
    </button>
  );
}
