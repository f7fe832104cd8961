"""The worker's messengers of webhooks: a few threads, since one slow receiver holds up no other."""

import logging
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.fetching import Reach, guarded_client
from backend.rounds import InRounds
from backend.settings import Settings
from backend.webhooks import queue
from backend.webhooks.delivery import Sender
from backend.webhooks.models import DeliveryFailure
from backend.webhooks.queue import Claimed, Outcome

logger = logging.getLogger(__name__)

THREADS = 4  # each waits for a receiver most of its time
LOOK_EVERY_S = 1.0
TOTAL_S = 15.0  # for one exchange, from the name's look-up to the last byte


def reach_of(settings: Settings) -> Reach:
    """Return how far webhooks may go."""
    return Reach.PRIVATE_TOO if settings.webhook_allow_private else Reach.PUBLIC


def webhook_courier_of(
    settings: Settings,
    sessions: sessionmaker[Session],
    readers: sessionmaker[Session],
    worker: str,
    total_s: float = TOTAL_S,
) -> "WebhookCourier":
    """Return the courier that the settings describe."""
    client = guarded_client(reach_of(settings), total_s=total_s)
    return WebhookCourier(sessions, readers, Sender(client, settings.signing_secret), worker)


class WebhookCourier(InRounds):
    """Sends what is due; a claim outlives what takes longer to end."""

    name, every_s, thread_count = "webhook courier", LOOK_EVERY_S, THREADS

    def __init__(
        self,
        sessions: sessionmaker[Session],
        readers: sessionmaker[Session],
        sender: Sender,
        worker: str,
    ) -> None:
        super().__init__()
        self._sessions = sessions
        self._readers = readers
        self._sender = sender
        self._worker = worker

    def prepare(self) -> None:
        """Take up again what this worker was at when it was killed."""
        with self._sessions.begin() as session:
            queue.release_claims(session, self._worker)

    def do_round(self, now: datetime | None = None) -> int:
        """Send all that is due, or was at `now`, which then stands still; return how many tries."""
        tried = 0
        while not self.is_stopping and self._deliver_next(now):
            tried += 1
        return tried

    def _deliver_next(self, standing: datetime | None) -> bool:
        now = standing or utc_now()
        with self._readers() as session:
            if not queue.is_any_due(session, now):
                return False
        with self._sessions.begin() as session:
            claimed = queue.claim_next(session, self._worker, now)
        if claimed is None:
            return False
        outcome = self._send(claimed, now)
        with self._sessions.begin() as session:
            queue.note_outcome(session, claimed, outcome, standing or utc_now())
        # Neither the address nor a word of the answer.
        word = outcome.problem or "delivered"
        logger.info("webhook %s: %s %s", claimed.delivery_id, word, outcome.status or "")
        return True

    def _send(self, claimed: Claimed, now: datetime) -> Outcome:
        try:
            return self._sender.send(claimed, now)
        except Exception as error:
            name = type(error).__name__
            logger.error("delivery %s could not be made: %s", claimed.delivery_id, name)
            return Outcome(None, DeliveryFailure.INTERNAL, 0, "")
