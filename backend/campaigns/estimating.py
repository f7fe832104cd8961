"""What a campaign takes before it is begun: minutes and money, by what was measured of late."""

from sqlalchemy.orm import Session

from backend.campaigns import service
from backend.campaigns.expansion import expander_of
from backend.campaigns.models import Campaign
from backend.campaigns.running import first_rows
from backend.campaigns.schemas import CampaignEstimate
from backend.jobs.rates import guess_duration_s, learn_rates, was_learned
from backend.languages import primary_subtag
from backend.media.timeline import CARD_FRAMES, FRAME_RATE
from backend.messages.models import Message
from backend.power import service as powers
from backend.power.route import LaneName
from backend.power.setup import Power

# How many rows are looked at for how much of a script is a row's alone.
_LOOKED_AT = 20


def estimate(session: Session, campaign: Campaign, power: Power, now_s: float) -> CampaignEstimate:
    """Add up what the rows that wait should take.

    The first is spoken and drawn whole; of each other what is its alone. Speaking goes on beside
    drawing, so the slower of the two counts.
    """
    template = service.template_of(session, campaign)
    rows = service.count_rows(session, [campaign.id])[campaign.id].waiting
    common, personal = _characters(session, campaign, template)
    length_s = _length_s(template, common + personal)
    run = powers.plan_bulk(session, power, now_s, rows)
    rates = learn_rates(session)
    speech_s = rates.expected_s("speech", common + personal)
    speech_s += max(rows - 1, 0) * rates.expected_s("speech", personal)
    row_s = rates.expected_s("row", length_s) + rates.expected_s("finish", 0.0)
    compose_s = rates.expected_s("compose", length_s) + max(rows - 1, 0) * row_s
    if not rows:
        speech_s = compose_s = 0.0
    spoken_s = run.wait_s + rows * run.voice_s if run.lane is LaneName.GPU else speech_s
    return CampaignEstimate(
        rows=rows,
        length_s=round(length_s, 1),
        speech_s=round(speech_s, 1),
        compose_s=round(compose_s, 1),
        minutes=round(max(spoken_s, compose_s) / 60, 1),
        lane=run.lane,
        usd_micro=run.usd_micro,
        is_first_guess=not was_learned(session, "row"),
    )


def _characters(session: Session, campaign: Campaign, template: Message) -> tuple[int, int]:
    """Return how many characters all rows have in common, and how many are a row's, on average."""
    expander = expander_of(campaign, template)
    looked_at = [expander.expand(row.cells) for row in first_rows(session, campaign.id, _LOOKED_AT)]
    if not looked_at:
        return len(template.script), 0
    whole = sum(len(one.script) for one in looked_at) // len(looked_at)
    own = sum(len("".join(one.personal_sentences)) for one in looked_at) // len(looked_at)
    return max(whole - own, 0), own


def _length_s(template: Message, characters: int) -> float:
    cards = sum(bool(card.strip()) for card in (template.title_card, template.closing_card))
    spoken_s = guess_duration_s(" " * characters, primary_subtag(template.language))
    return spoken_s + cards * CARD_FRAMES / FRAME_RATE
