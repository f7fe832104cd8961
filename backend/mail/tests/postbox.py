"""A real mail server of the tests' own, on a port of its own."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Postbox:
    """What has arrived, and what is answered to whom.

    answers:  for each address, what RCPT is answered, one after the other; then it is taken
    at_data:  what DATA is answered, one after the other; then the mail is taken
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.answers: dict[str, list[str]] = {}
        self.at_data: list[str] = []
        self.port = 0

    async def handle_RCPT(  # noqa: N802 - the library's own name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take or refuse a recipient."""
        waiting = self.answers.get(address, [])
        if waiting:
            return waiting.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's own name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        """Take or refuse a mail."""
        if self.at_data:
            return self.at_data.pop(0)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        return "250 taken"


class _AnyPort(Controller):
    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def open_postbox(
    tls: ssl.SSLContext | None = None, login: tuple[str, str] | None = None
) -> Iterator[Postbox]:
    """Give a mail server; with `tls` it insists on STARTTLS, with `login` on this user."""

    def authenticate(_server: Any, _session: Any, _envelope: Any, _how: str, given: Any) -> Any:
        assert login is not None
        assert isinstance(given, LoginPassword)
        is_known = (given.login, given.password) == tuple(part.encode() for part in login)
        return AuthResult(success=is_known, handled=False)

    postbox = Postbox()
    controller = _AnyPort(
        postbox,
        hostname="127.0.0.1",
        port=0,
        tls_context=tls,
        require_starttls=tls is not None,
        authenticator=authenticate if login else None,
        auth_required=login is not None,
    )
    controller.start()
    postbox.port = controller.port
    try:
        yield postbox
    finally:
        controller.stop()
