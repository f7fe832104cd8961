"""The worker's postman: a thread of its own, since a slow mail server must hold up nothing else."""

import logging
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy.orm import Session, sessionmaker

from backend.db import utc_now
from backend.mail import queue
from backend.mail.letters import (
    Envelope,
    FirstView,
    Invitation,
    Picture,
    build_first_view,
    build_invitation,
)
from backend.mail.models import EmailKind
from backend.mail.queue import Claimed
from backend.mail.suppressions import Unwilling
from backend.mail.transports import DeliveryProblem, NotDelivered, Transport, transport_of
from backend.rounds import InRounds
from backend.settings import Settings
from backend.shares.schemas import ShareState
from backend.shares.service import share_state, share_token
from backend.storage import Storage

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


@dataclass(frozen=True)
class Letterhead:
    """What every mail of this installation has in common."""

    mail_from: str
    public_url: str
    signing_key: bytes


class Writer:
    """Makes mails of rows; the pictures come from the storage."""

    def __init__(self, head: Letterhead, storage: Storage) -> None:
        self._head = head
        self._storage = storage

    @property
    def mail_from(self) -> str:
        """The address from which everything comes."""
        return self._head.mail_from

    def write(self, claimed: Claimed) -> EmailMessage:
        """Return the mail, or raise NotDelivered where there is nothing to send any more."""
        if claimed.email.kind is EmailKind.FIRST_VIEW:
            return self._first_view(claimed)
        if share_state(claimed.share) is not ShareState.OPEN:
            raise NotDelivered(DeliveryProblem.LINK_GONE, is_final=True)
        return self._invitation(claimed)

    def _envelope(self, claimed: Claimed, sender: str) -> Envelope:
        email = claimed.email
        return Envelope(
            name=email.id,
            mail_from=self._head.mail_from,
            sender=sender,
            address=email.address,
            recipient=email.name,
            reply_to=email.reply_to,
            date=utc_now(),
        )

    def _invitation(self, claimed: Claimed) -> EmailMessage:
        email, message = claimed.email, claimed.message
        token = share_token(self._head.signing_key, email.share_id)
        is_locked = claimed.share.password_hash is not None
        invitation = Invitation(
            language=email.language,
            subject=email.subject,
            title=message.title,
            note=email.note,
            url=f"{self._head.public_url}/s/{token}",
            is_locked=is_locked,
            is_synthetic=message.is_synthetic,
            unsubscribe_url=self._unsubscribe_url(claimed) if message.campaign_id else None,
        )
        # What a password guards is not shown in a mail either.
        picture = None if is_locked else self._picture(claimed)
        return build_invitation(self._envelope(claimed, claimed.sender_name), invitation, picture)

    def _unsubscribe_url(self, claimed: Claimed) -> str:
        who = Unwilling(claimed.message.account_id, claimed.email.address.lower())
        return f"{self._head.public_url}/s/unsubscribe/{who.token(self._head.signing_key)}"

    def _picture(self, claimed: Claimed) -> Picture:
        message = claimed.message
        name, subtype = ("poster.jpg", "jpeg")
        if message.has_previews:  # a video of before there were any is shown by its poster
            name, subtype = ("thumbnail.gif", "gif")
        return Picture(self._storage.read(message.file_key(name)), subtype)

    def _first_view(self, claimed: Claimed) -> EmailMessage:
        view = FirstView(
            language=claimed.email.language,
            title=" ".join(claimed.message.title.split()),
            label=claimed.share.label,
            url=f"{self._head.public_url}/messages/{claimed.message.id}",
        )
        return build_first_view(self._envelope(claimed, "Video Message"), view)


def courier_of(
    settings: Settings,
    sessions: sessionmaker[Session],
    readers: sessionmaker[Session],
    storage: Storage,
    worker: str,
) -> "MailCourier | None":
    """Return the courier that the settings describe; None where no mail leaves."""
    transport = transport_of(settings)
    if transport is None or settings.mail_from is None:
        return None
    head = Letterhead(settings.mail_from, settings.public_url, settings.signing_secret)
    return MailCourier(sessions, readers, Writer(head, storage), transport, worker)


class MailCourier(InRounds):
    """Hands over what is due, one mail after the other; a claim outlives one that takes longer."""

    name, every_s = "mail courier", LOOK_EVERY_S

    def __init__(
        self,
        sessions: sessionmaker[Session],
        readers: sessionmaker[Session],
        writer: Writer,
        transport: Transport,
        worker: str,
    ) -> None:
        super().__init__()
        self._sessions = sessions
        self._readers = readers
        self._writer = writer
        self._transport = transport
        self._worker = worker

    def prepare(self) -> None:
        """Take up again what this worker was at when it was killed."""
        with self._sessions.begin() as session:
            queue.release_claims(session, self._worker)

    def do_round(self, now: datetime | None = None) -> int:
        """Hand over all that is due; return how many mails were tried."""
        self._look_after()
        tried = 0
        while not self.is_stopping and self._deliver_next(now or utc_now()):
            tried += 1
        return tried

    def _look_after(self) -> None:
        """What is only looked at takes no lock that a sender would wait for."""
        with self._readers() as session:
            is_untold = queue.is_any_first_view_untold(session)
            is_hopeless = queue.is_any_hopeless(session)
        if is_untold:
            with self._sessions.begin() as session:
                queue.tell_first_views(session, utc_now())
        if is_hopeless:
            with self._sessions.begin() as session:
                queue.give_up_hopeless(session)

    def _deliver_next(self, now: datetime) -> bool:
        with self._readers() as session:
            if not queue.is_any_due(session, now):
                return False
        with self._sessions.begin() as session:
            claimed = queue.claim_next(session, self._worker, now)
        if claimed is None:
            return False
        self._settle(claimed.email.id, self._hand_over(claimed), now)
        return True

    def _hand_over(self, claimed: Claimed) -> NotDelivered | None:
        try:
            mail = self._writer.write(claimed)
            self._transport.deliver(mail, self._writer.mail_from, claimed.email.address)
        except NotDelivered as failure:
            return failure
        except Exception as error:
            logger.error("mail %s could not be made: %s", claimed.email.id, type(error).__name__)
            return NotDelivered(DeliveryProblem.INTERNAL)
        return None

    def _settle(self, email_id: str, failure: NotDelivered | None, now: datetime) -> None:
        with self._sessions.begin() as session:
            if failure is None:
                queue.note_sent(session, email_id, now)
            else:
                queue.note_failure(session, email_id, failure, now)
        # Neither the address nor a word of it.
        outcome = "sent" if failure is None else f"{failure.problem} {failure.server_code or ''}"
        logger.info("mail %s: %s", email_id, outcome.strip())
