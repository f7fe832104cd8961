"""The worker's messengers of webhooks: a few threads, since one slow receiver holds up no other."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.fetching import Reach, guarded_client
from backend.settings import Settings
from backend.webhooks import queue
from backend.webhooks.delivery import Sender
from backend.webhooks.models import DeliveryProblem
from backend.webhooks.queue import Claimed, Outcome

logger = logging.getLogger(__name__)

THREADS = 4  # each waits for a receiver most of its time
LOOK_EVERY_S = 1.0
STOPS_WITHIN_S = 5.0
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


class WebhookCourier:
    """Sends what is due until it is told to stop."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        readers: sessionmaker[Session],
        sender: Sender,
        worker: str,
    ) -> None:
        self._sessions = sessions
        self._readers = readers
        self._sender = sender
        self._worker = worker
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"webhook-courier-{number}", daemon=True)
            for number in range(THREADS)
        ]

    def start(self) -> None:
        """Begin."""
        self._do(self._release)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End after what is being sent; a claim outlives a longer one."""
        self._stopping.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(STOPS_WITHIN_S / THREADS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._do(self.do_round)
            self._stopping.wait(LOOK_EVERY_S)

    def _do(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:
            # Only the kind: the text of an error may quote a row. The next round goes on.
            logger.error("the webhook courier stumbled: %s", type(error).__name__)

    def _release(self) -> None:
        with self._sessions.begin() as session:
            queue.release_claims(session, self._worker)

    def do_round(self, now: datetime | None = None) -> int:
        """Send all that is due; return how many tries that were."""
        tried = 0
        while not self._stopping.is_set() and self._deliver_next(now or utc_now()):
            tried += 1
        return tried

    def _deliver_next(self, now: datetime) -> bool:
        with self._readers() as session:
            if not queue.is_any_due(session, now):
                return False
        with self._sessions.begin() as session:
            claimed = queue.claim_next(session, self._worker, now)
        if claimed is None:
            return False
        outcome = self._send(claimed, now)
        with self._sessions.begin() as session:
            queue.note_outcome(session, claimed, outcome, now)
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
            return Outcome(None, DeliveryProblem.INTERNAL, 0, "")
