/** From a campaign's message back to the campaign, with all that was typed. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useText } from "../../i18n";
import { campaignQuery } from "../../lib/campaigns";
import { Button } from "../../ui/Button";

interface BackToCampaignProps {
  id: string;
  save: () => Promise<unknown>;
}

export function BackToCampaign({ id, save }: BackToCampaignProps) {
  const t = useText();
  const client = useQueryClient();
  const navigate = useNavigate();
  const back = useMutation({
    async mutationFn() {
      await save();
      // Its rows are judged by the message as it is now.
      await client.invalidateQueries(campaignQuery(id));
      await navigate({ to: "/campaigns/$id", params: { id } });
    },
  });
  return (
    <Button
      look="primary"
      icon="back"
      busy={back.isPending}
      onClick={() => back.mutate()}
      className="min-h-12 shrink-0 px-5 max-sm:flex-1"
    >
      {t.campaigns.template.back}
    </Button>
  );
}
