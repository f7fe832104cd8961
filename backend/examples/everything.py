"""All features' examples, for whoever describes the API."""

from backend.examples import (
    accounts,
    campaigns,
    messages,
    shares,
    system,
    uploads,
    voices,
    webhooks,
)
from backend.examples.problems import PROBLEMS
from backend.examples.shape import Examples

_FEATURES = (accounts, campaigns, messages, shares, system, uploads, voices, webhooks)

EXAMPLES = Examples(
    of_models={
        model: shown for feature in _FEATURES for model, shown in feature.EXAMPLES.of_models.items()
    },
    of_operations={
        place: shown
        for feature in _FEATURES
        for place, shown in feature.EXAMPLES.of_operations.items()
    },
    problems=PROBLEMS,
)
