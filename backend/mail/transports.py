"""How a mail leaves: by SMTP, or by SES. What comes back is a code, never the server's text."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from backend.settings import Settings

# One step of the conversation with the server, not all of it.
TIMEOUT_S = 30.0


class DeliveryProblem(StrEnum):
    """Why a mail is not there (yet); the pages have words for each."""

    ADDRESS_REFUSED = "address_refused"
    MAIL_REFUSED = "mail_refused"
    SERVER_BUSY = "server_busy"
    SERVER_UNREACHABLE = "server_unreachable"
    SERVER_SETUP = "server_setup"
    LINK_GONE = "link_gone"
    VIDEO_FAILED = "video_failed"
    SUPPRESSED = "suppressed"  # by the person, or by the sender for them
    INTERNAL = "internal"


class NotDelivered(Exception):
    """A mail was not taken. `is_final` says that another try would change nothing."""

    def __init__(
        self, problem: DeliveryProblem, server_code: int | None = None, *, is_final: bool = False
    ) -> None:
        super().__init__(problem.value)
        self.problem = problem
        self.server_code = server_code
        self.is_final = is_final


class Transport(Protocol):
    """Something that takes mails."""

    def deliver(self, mail: EmailMessage, mail_from: str, address: str) -> None:
        """Hand one mail over, or raise NotDelivered."""


def transport_of(settings: Settings) -> Transport | None:
    """Return what the settings name; None where this installation sends no mail."""
    if settings.mail_transport == "smtp":
        return SmtpTransport.from_settings(settings)
    if settings.mail_transport == "ses":
        return SesTransport(create_ses_client(settings.mail_ses_region, settings.mail_ses_endpoint))
    return None


# --- SMTP -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class SmtpTransport:
    """One connection for each mail: a worker sends few, and none is held open for hours.

    security: none, starttls or tls; certificates are checked in both of the latter
    """

    host: str
    port: int
    security: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None

    @classmethod
    def from_settings(cls, settings: Settings) -> "SmtpTransport":
        """Return what the settings describe."""
        password = settings.smtp_password
        return cls(
            host=settings.smtp_host or "",
            port=settings.smtp_port,
            security=settings.smtp_security,
            user=settings.smtp_user,
            password=password.get_secret_value() if password else None,
        )

    def deliver(self, mail: EmailMessage, mail_from: str, address: str) -> None:
        """Hand one mail over, or raise NotDelivered."""
        try:
            server = self._connect()
            try:
                self._greet(server)
                server.send_message(mail, mail_from, [address])
            finally:
                _part(server)
        except smtplib.SMTPException as error:
            raise _refusal(error) from None
        except OSError:
            raise NotDelivered(DeliveryProblem.SERVER_UNREACHABLE) from None

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = self.tls or ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)

    def _greet(self, server: smtplib.SMTP) -> None:
        if self.security == "starttls":
            server.starttls(context=self.tls or ssl.create_default_context())
        if self.user is not None:
            server.login(self.user, self.password or "")


def _part(server: smtplib.SMTP) -> None:
    # The mail was taken, or was not: how the server says goodbye changes nothing about that.
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _refusal(error: smtplib.SMTPException) -> NotDelivered:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        ((code, _text),) = error.recipients.values()
        return _by_code(code, DeliveryProblem.ADDRESS_REFUSED)
    # A wrong password or no encryption is the operator's to mend: the mail waits for that.
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused):
        return NotDelivered(DeliveryProblem.SERVER_SETUP, error.smtp_code)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return NotDelivered(DeliveryProblem.SERVER_SETUP)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return _by_code(error.smtp_code, DeliveryProblem.MAIL_REFUSED)
    return NotDelivered(DeliveryProblem.SERVER_UNREACHABLE)


def _by_code(code: int, if_final: DeliveryProblem) -> NotDelivered:
    # source: RFC 5321, 4.2.1: 5yz is permanent, all else is worth another try
    if 500 <= code <= 599:
        return NotDelivered(if_final, code, is_final=True)
    return NotDelivered(DeliveryProblem.SERVER_BUSY, code)


# --- SES ------------------------------------------------------------------------------------

# One try each: the queue is the repetition.
_CONFIG = Config(
    connect_timeout=10, read_timeout=60, retries={"total_max_attempts": 1, "mode": "standard"}
)
# source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
_BUSY = {"TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException"}
_REFUSED = {"MessageRejected", "BadRequestException"}


def create_ses_client(region: str, endpoint_url: str | None = None) -> Any:
    """Return the client; credentials come from the environment or the machine's role."""
    return boto3.client("sesv2", region_name=region, endpoint_url=endpoint_url, config=_CONFIG)


@dataclass(frozen=True)
class SesTransport:
    """Amazon's mail service. It puts a Message-ID of its own in place of ours."""

    client: Any

    def deliver(self, mail: EmailMessage, mail_from: str, address: str) -> None:
        """Hand one mail over, or raise NotDelivered."""
        try:
            self.client.send_email(
                FromEmailAddress=mail_from,
                Destination={"ToAddresses": [address]},
                Content={"Raw": {"Data": mail.as_bytes()}},
            )
        except ClientError as error:
            raise _ses_refusal(error) from None
        except NoCredentialsError:
            raise NotDelivered(DeliveryProblem.SERVER_SETUP) from None
        except BotoCoreError:
            raise NotDelivered(DeliveryProblem.SERVER_UNREACHABLE) from None


def _ses_refusal(error: ClientError) -> NotDelivered:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if code in _REFUSED:
        return NotDelivered(DeliveryProblem.MAIL_REFUSED, status, is_final=True)
    if code in _BUSY or (status or 0) >= 500:
        return NotDelivered(DeliveryProblem.SERVER_BUSY, status)
    # No permission, no such identity, sending paused: the operator's to mend.
    return NotDelivered(DeliveryProblem.SERVER_SETUP, status)
