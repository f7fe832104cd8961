"""Mails that leave for real: to a server over SMTP, to SES through boto3."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from backend.local.checks import find_free_ports
from backend.mail.letters import build_invitation
from backend.mail.tests.postbox import Postbox, open_postbox
from backend.mail.tests.test_letters import GIF, envelope, invitation
from backend.mail.transports import (
    DeliveryProblem,
    NotDelivered,
    SesTransport,
    SmtpTransport,
    Transport,
    create_ses_client,
    transport_of,
)
from backend.settings import Settings

FROM, TO = "post@video.example", "taro@example.jp"
REGION = "ap-northeast-1"


@pytest.fixture
def mail() -> EmailMessage:
    return build_invitation(envelope(), invitation(), GIF)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with open_postbox() as opened:
        yield opened


def refusal(transport: Transport, mail: EmailMessage) -> tuple[DeliveryProblem, int | None, bool]:
    with pytest.raises(NotDelivered) as caught:
        transport.deliver(mail, FROM, TO)
    return caught.value.problem, caught.value.server_code, caught.value.is_final


def plain(postbox: Postbox) -> SmtpTransport:
    return SmtpTransport("127.0.0.1", postbox.port, "none")


# --- SMTP -----------------------------------------------------------------------------------


def test_a_mail_arrives_whole(postbox: Postbox, mail: EmailMessage) -> None:
    plain(postbox).deliver(mail, FROM, TO)
    assert postbox.envelopes == [(FROM, [TO])]
    (arrived,) = postbox.mails
    assert arrived["Subject"] == mail["Subject"]
    pictures = [part for part in arrived.walk() if part.get_content_type() == "image/gif"]
    assert [part.get_content() for part in pictures] == [GIF.content]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("550 5.1.1 no such user", (DeliveryProblem.ADDRESS_REFUSED, 550, True)),
        ("451 4.7.1 come back later", (DeliveryProblem.SERVER_BUSY, 451, False)),
    ],
)
def test_a_recipient_is_refused(
    postbox: Postbox, mail: EmailMessage, answer: str, told: tuple
) -> None:
    postbox.answers[TO] = [answer]
    assert refusal(plain(postbox), mail) == told
    assert postbox.mails == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("554 5.7.1 this is spam", (DeliveryProblem.MAIL_REFUSED, 554, True)),
        ("452 4.3.1 disk full", (DeliveryProblem.SERVER_BUSY, 452, False)),
    ],
)
def test_a_mail_is_refused(postbox: Postbox, mail: EmailMessage, answer: str, told: tuple) -> None:
    postbox.at_data = [answer]
    assert refusal(plain(postbox), mail) == told


def test_a_server_that_is_not_there_is_worth_another_try(mail: EmailMessage) -> None:
    (port,) = find_free_ports(1)
    told = refusal(SmtpTransport("127.0.0.1", port, "none"), mail)
    assert told == (DeliveryProblem.SERVER_UNREACHABLE, None, False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that it has signed itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_login_and_encryption(certificate: Path, mail: EmailMessage) -> None:
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    with open_postbox(served, ("hanako", "pass")) as postbox:
        known = SmtpTransport("127.0.0.1", postbox.port, "starttls", "hanako", "pass", trusting)
        known.deliver(mail, FROM, TO)
        assert len(postbox.mails) == 1
        wrong = SmtpTransport("127.0.0.1", postbox.port, "starttls", "hanako", "no", trusting)
        assert refusal(wrong, mail) == (DeliveryProblem.SERVER_SETUP, 535, False)
        unknown = SmtpTransport("127.0.0.1", postbox.port, "starttls", "hanako", "pass")
        assert refusal(unknown, mail) == (DeliveryProblem.SERVER_UNREACHABLE, None, False)
        assert len(postbox.mails) == 1
    assert "pass" not in repr(known)


def test_a_server_without_the_encryption_that_is_wanted_gets_nothing(
    postbox: Postbox, mail: EmailMessage
) -> None:
    wanted = SmtpTransport("127.0.0.1", postbox.port, "starttls")
    assert refusal(wanted, mail) == (DeliveryProblem.SERVER_SETUP, None, False)
    assert postbox.mails == []


# --- SES ------------------------------------------------------------------------------------


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[SesTransport]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield SesTransport(create_ses_client(REGION))


def test_ses_takes_the_mail_as_it_is(ses: SesTransport, mail: EmailMessage) -> None:
    ses.client.create_email_identity(EmailIdentity=FROM)
    ses.deliver(mail, FROM, TO)
    (taken,) = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert taken.source == FROM
    assert taken.destinations[0] == TO
    assert "multipart/alternative" in taken.raw_data


def test_an_identity_that_is_not_verified_is_the_operators_to_mend(
    ses: SesTransport, mail: EmailMessage
) -> None:
    problem, _, is_final = refusal(ses, mail)
    assert problem in (DeliveryProblem.SERVER_SETUP, DeliveryProblem.MAIL_REFUSED)
    assert is_final is (problem is DeliveryProblem.MAIL_REFUSED)


class Refusing:
    """A client whose every call ends like this."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def send_email(self, **_: Any) -> None:
        raise self._error


def aws_error(code: str, status: int) -> ClientError:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "SendEmail")  # type: ignore[arg-type,unused-ignore]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (aws_error("MessageRejected", 400), (DeliveryProblem.MAIL_REFUSED, 400, True)),
        (aws_error("TooManyRequestsException", 429), (DeliveryProblem.SERVER_BUSY, 429, False)),
        (aws_error("InternalFailure", 500), (DeliveryProblem.SERVER_BUSY, 500, False)),
        (aws_error("AccessDeniedException", 403), (DeliveryProblem.SERVER_SETUP, 403, False)),
        (
            EndpointConnectionError(endpoint_url="https://x"),
            (DeliveryProblem.SERVER_UNREACHABLE, None, False),
        ),
    ],
)
def test_what_ses_refuses(error: Exception, told: tuple, mail: EmailMessage) -> None:
    assert refusal(SesTransport(Refusing(error)), mail) == told


# --- settings -------------------------------------------------------------------------------


def test_the_settings_name_the_way() -> None:
    assert transport_of(Settings()) is None
    smtp = Settings(mail_transport="smtp", smtp_host="mail.example", mail_from=FROM)
    assert transport_of(smtp) == SmtpTransport("mail.example", 587, "starttls")
    ses = Settings(mail_transport="ses", mail_from=FROM)
    assert isinstance(transport_of(ses), SesTransport)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"mail_transport": "ses"}, "MAIL_FROM"),
        ({"mail_transport": "smtp", "mail_from": FROM}, "SMTP_HOST"),
        ({"mail_from": "Video <post@video.example>"}, "mail_from"),
        (
            {
                "mail_transport": "smtp",
                "mail_from": FROM,
                "smtp_host": "mail.example",
                "smtp_security": "none",
                "smtp_user": "hanako",
            },
            "SMTP_SECURITY",
        ),
    ],
)
def test_settings_that_cannot_work_do_not_start(given: dict, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Settings.model_validate(given)
