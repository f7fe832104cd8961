"""Asking addresses that somebody else wrote down: only from here, through `guarded_client`."""

from backend.fetching.client import guarded_client, read_at_most
from backend.fetching.refusals import Refusal, TargetRefused
from backend.fetching.targets import Reach, checked_url

__all__ = ["Reach", "Refusal", "TargetRefused", "checked_url", "guarded_client", "read_at_most"]
