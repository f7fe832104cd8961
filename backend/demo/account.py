"""A person's account, signed in: what the demo needs before a key is there to work with."""

from typing import Any

import httpx

from videomessage import Client

SCOPES = (
    "speech", "voices", "voices:write", "messages:read", "messages:write", "uploads",
    "shares:read", "shares:write",
)  # fmt: skip


class Account(Client):
    """One signed-in person of one backend; what a key may do, they may do, too."""

    def __init__(self, base_url: str, *, tries: int = 3) -> None:
        super().__init__(None, base_url, tries=tries)

    @property
    def cookies(self) -> httpx.Cookies:
        """What keeps the account signed in."""
        return self._transport.http.cookies

    def sign_up(self, email: str, password: str, name: str, language: str = "en") -> Any:
        """Create the account and stay signed in."""
        body = {"email": email, "password": password, "name": name, "language": language}
        return self.call("POST", "/accounts", body)

    def make_key(self, name: str) -> str:
        """Return a new API key with which videos are made."""
        made = self.call("POST", "/api-keys", {"name": name, "scopes": SCOPES})
        return str(made["key"])
