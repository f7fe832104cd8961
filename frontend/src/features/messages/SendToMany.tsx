/** From one message to a campaign: its script, said to each of many by their own name. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useLanguage } from "../../i18n";
import type { Message } from "../../lib/api";
import { beginCampaign, keepCampaign } from "../../lib/campaigns";
import { asProblem, problemWords } from "../../lib/problems";
import { Button } from "../../ui/Button";
import { useToast } from "../../ui/Toasts";

interface SendToManyProps {
  message: Message;
  /** Called before: what was typed belongs into the copy. */
  save?: () => Promise<unknown>;
  /** On a narrow screen only the picture is seen. */
  isCompact?: boolean;
}

export function SendToMany({ message, save, isCompact }: SendToManyProps) {
  const { t, format } = useLanguage();
  const client = useQueryClient();
  const navigate = useNavigate();
  const toast = useToast();
  const begin = useMutation({
    async mutationFn() {
      await save?.();
      const name = message.title || t.campaigns.newName(format.day(new Date().toISOString()));
      return beginCampaign(name, message.id);
    },
    onSuccess(campaign) {
      keepCampaign(client, campaign);
      return navigate({ to: "/campaigns/$id", params: { id: campaign.id } });
    },
    onError: (error) => toast(problemWords(t, asProblem(error)).what, "bad"),
  });
  return (
    <Button
      look={isCompact ? "quiet" : "plain"}
      icon="people"
      busy={begin.isPending}
      onClick={() => begin.mutate()}
    >
      <span className={isCompact ? "max-sm:sr-only" : ""}>{t.campaigns.sendToMany}</span>
    </Button>
  );
}
