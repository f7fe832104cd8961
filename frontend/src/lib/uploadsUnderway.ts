/** Files of a page that are still on their way: what needs them begins when they are there. */

import { createContext, useCallback, useContext, useEffect, useId, useState } from "react";

type Note = (upload: string, isUnderway: boolean) => void;

const UploadsContext = createContext<Note>(() => undefined);
/** Around the fields, with the `note` of `useAfterUploads`. */
export const UploadsUnderway = UploadsContext.Provider;

/** Tell the page of an upload as long as it lasts. */
export function useNoteUpload(isUnderway: boolean): void {
  const note = useContext(UploadsContext);
  const id = useId();
  useEffect(() => {
    if (!isUnderway) return;
    note(id, true);
    return () => note(id, false);
  }, [note, id, isUnderway]);
}

interface AfterUploads {
  note: Note;
  /** It was asked for, and a file is still on its way. */
  isAwaiting: boolean;
  begin: () => void;
}

/** `start`, held back until no file is on its way, however that ended. */
export function useAfterUploads(start: () => void): AfterUploads {
  const [underway, setUnderway] = useState<readonly string[]>([]);
  const [isAwaiting, setAwaiting] = useState(false);
  const note = useCallback<Note>((upload, isUnderway) => {
    setUnderway((held) => [
      ...held.filter((one) => one !== upload),
      ...(isUnderway ? [upload] : []),
    ]);
  }, []);
  useEffect(() => {
    if (!isAwaiting || underway.length > 0) return;
    setAwaiting(false);
    start();
  });
  const begin = () => (underway.length > 0 ? setAwaiting(true) : start());
  return { note, isAwaiting, begin };
}
