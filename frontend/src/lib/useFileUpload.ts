/** One file on its way to the server; a new one takes the place of the one before. */

import { useEffect, useRef, useState } from "react";
import type { Upload } from "./api";
import { asProblem, type Problem } from "./problems";
import { uploadFile } from "./upload";
import { useNoteUpload } from "./uploadsUnderway";

export interface SendingFile {
  /** 0..1 of the bytes; at 1 the server looks into the file. */
  fraction: number;
  /** The connection was lost; it goes on when that is back. */
  isWaiting: boolean;
}

export interface FileUpload {
  sending: SendingFile | null;
  problem: Problem | null;
  send: (file: File) => Promise<void>;
  cancel: () => void;
}

/**
 * Uploads of one kind. `check` looks at a file before anything is sent, and throws the Problem
 * that it finds.
 */
export function useFileUpload(
  kind: Upload["kind"],
  onDone: (upload: Upload) => void,
  check?: (file: File) => Promise<void>,
): FileUpload {
  const [sending, setSending] = useState<SendingFile | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef<AbortController | null>(null);
  const tell = useRef(onDone);
  tell.current = onDone;
  useEffect(() => () => running.current?.abort(), []);
  useNoteUpload(sending !== null);

  const send = async (file: File) => {
    running.current?.abort();
    const mine = new AbortController();
    running.current = mine;
    setProblem(null);
    setSending({ fraction: 0, isWaiting: false });
    const isCurrent = () => running.current === mine;
    try {
      await check?.(file);
      if (!isCurrent()) return;
      const upload = await uploadFile({
        kind,
        file,
        filename: file.name,
        signal: mine.signal,
        onProgress: (fraction) => isCurrent() && setSending({ fraction, isWaiting: false }),
        onWaiting: (isWaiting) =>
          isCurrent() && setSending((held) => ({ fraction: held?.fraction ?? 0, isWaiting })),
      });
      if (isCurrent()) tell.current(upload);
    } catch (error) {
      if (isCurrent() && !mine.signal.aborted) setProblem(asProblem(error));
    } finally {
      if (isCurrent()) setSending(null);
    }
  };
  const cancel = () => {
    running.current?.abort();
    running.current = null;
    setSending(null);
  };
  return { sending, problem, send, cancel };
}
