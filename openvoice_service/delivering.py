"""How single sentences are to be said: what somebody wishes for them."""

from collections.abc import Sequence
from dataclasses import replace

from openvoice_service.schemas import SentenceDelivery
from openvoice_service.text import AS_USUAL, Delivery, Sentence


def with_deliveries(
    sentences: Sequence[Sentence], deliveries: Sequence[SentenceDelivery]
) -> list[Sentence]:
    """Return the sentences with what is wished for them; a wish for one that is gone is unused."""
    wished = {one.text.strip(): _delivery(one) for one in deliveries}
    return [
        replace(sentence, delivery=wished.get(sentence.source, AS_USUAL)) for sentence in sentences
    ]


def _delivery(wish: SentenceDelivery) -> Delivery:
    return Delivery(**wish.model_dump(exclude={"text"}))
