/** Where a recording is kept at this moment, in one word for the speaker. */

import type { Keeping } from "./take";
import type { TakeUploadState } from "./takeUpload";

export type Safety =
  | "kept"
  | "offline"
  | "full"
  | "unavailable"
  | "serverFull"
  | "refused"
  /** Neither the device nor the server keeps it. */
  | "alone";

interface Kept {
  keeping: Keeping;
  upload: { state: TakeUploadState };
}

export function safetyOf(facts: Kept): Safety {
  return facts.keeping === "kept" ? onDevice(facts.upload.state) : onServer(facts);
}

function onDevice(upload: TakeUploadState): Safety {
  if (upload === "waiting") return "offline";
  if (upload === "full") return "serverFull";
  return upload === "refused" ? "refused" : "kept";
}

function onServer({ keeping, upload }: Kept): Safety {
  const isSent = upload.state === "sending" || upload.state === "done";
  if (!isSent) return "alone";
  return keeping === "full" ? "full" : "unavailable";
}
