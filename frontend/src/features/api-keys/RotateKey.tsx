/** Replacing a key: the old one goes on for a while, so that no program stops in between. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLanguage } from "../../i18n";
import { type ApiKey, api, bodyOf, type MadeApiKey } from "../../lib/api";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { WordsNotice } from "../../ui/Notice";
import { OVERLAPS_S, type Overlap, OverlapField } from "../../ui/OverlapField";
import { apiKeysQuery } from "./queries";

interface RotateKeyProps {
  apiKey: ApiKey;
  onMade: (made: MadeApiKey) => void;
}

export function RotateKey({ apiKey, onMade }: RotateKeyProps) {
  const { t } = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<MadeApiKey | null>(null);
  useEffect(() => {
    // Not before the dialog is closed: until then nothing outside of it can have the focus.
    if (!made || isOpen) return;
    setMade(null);
    onMade(made);
  }, [made, isOpen, onMade]);
  return (
    <>
      <Button
        look="quiet"
        aria-label={t.apiKeys.rotateNamed(apiKey.name)}
        onClick={() => setOpen(true)}
      >
        {t.apiKeys.rotate}
      </Button>
      <Dialog
        isOpen={isOpen}
        title={t.apiKeys.rotateTitle(apiKey.name)}
        onClose={() => setOpen(false)}
      >
        <Rotation
          apiKey={apiKey}
          onClose={() => setOpen(false)}
          onMade={(next) => {
            setOpen(false);
            setMade(next);
          }}
        />
      </Dialog>
    </>
  );
}

function Rotation({ apiKey, onMade, onClose }: RotateKeyProps & { onClose: () => void }) {
  const { t } = useLanguage();
  const [overlap, setOverlap] = useState<Overlap>("day");
  const queryClient = useQueryClient();
  const rotate = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST("/api/v1/api-keys/{key_id}/rotate", {
          params: { path: { key_id: apiKey.id } },
          body: { overlap_s: OVERLAPS_S[overlap] },
        }),
      ),
    async onSuccess(made) {
      onMade(made);
      await queryClient.invalidateQueries(apiKeysQuery);
    },
  });
  return (
    <div className="grid gap-4">
      <p className="text-quiet">{t.apiKeys.rotateText}</p>
      <WordsNotice words={rotate.isError ? problemWords(t, asProblem(rotate.error)) : null} />
      <OverlapField label={t.apiKeys.overlap} value={overlap} onValue={setOverlap} />
      <div className="mt-2 flex flex-wrap justify-end gap-3">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button look="primary" busy={rotate.isPending} onClick={() => rotate.mutate()}>
          {t.apiKeys.rotate}
        </Button>
      </div>
    </div>
  );
}
