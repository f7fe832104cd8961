/** Which part of a photo is seen: kept in the draft, offered by the server for each format. */

import type { Upload } from "../../lib/api";
import type { DraftContent } from "./draft";

export type PhotoCrop = DraftContent["photo_crops"][number];
export type Crop = Omit<PhotoCrop, "upload_id">;
export type PhotoFacts = NonNullable<Upload["photo"]>;

export const cropOf = (crops: readonly PhotoCrop[], photo: string): PhotoCrop | undefined =>
  crops.find(({ upload_id }) => upload_id === photo);

/** The crops with that of one photo set; null shows all of it. */
export function withCrop(crops: readonly PhotoCrop[], photo: string, crop: Crop | null) {
  const others = crops.filter(({ upload_id }) => upload_id !== photo);
  return crop ? [...others, { ...crop, upload_id: photo }] : others;
}

/** The crops in another format: the one that is offered there, or else the whole photo. */
export function reframed(
  crops: readonly PhotoCrop[],
  aspect: string,
  factsOf: (photo: string) => PhotoFacts | null | undefined,
): PhotoCrop[] {
  return crops.flatMap(({ upload_id }) => {
    const crop = factsOf(upload_id)?.frames[aspect]?.crop;
    return crop ? [{ ...crop, upload_id }] : [];
  });
}
