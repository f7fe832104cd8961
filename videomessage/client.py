"""The client: one object for an API key, with a group of calls for each of the API's nouns."""

from typing import Any, Self

from videomessage.resources import (
    Campaigns,
    Emails,
    Messages,
    Shares,
    Speech,
    Uploads,
    Voices,
    Webhooks,
    Words,
)
from videomessage.transport import Transport


class Client:
    """What an API key may do. Calls raise ApiProblem or ConnectionProblem.

    api_key:  `vm_…`, made on the page "API keys"; its scopes say what is open
    base_url: the server's address as browsers see it
    tries:    how often a call is sent where the server is busy or not there; a write that is sent
              again is done once
    """

    def __init__(
        self, api_key: str | None, base_url: str = "http://localhost:55434", *, tries: int = 3
    ) -> None:
        self._transport = Transport(api_key, base_url, tries)
        self.uploads = Uploads(self._transport)
        self.voices = Voices(self._transport)
        self.words = Words(self._transport)
        self.messages = Messages(self._transport)
        self.shares = Shares(self._transport)
        self.emails = Emails(self._transport)
        self.campaigns = Campaigns(self._transport)
        self.webhooks = Webhooks(self._transport)
        self.speech = Speech(self._transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.http.close()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return the JSON answer of any call below `/api/v1`: for what has no method here yet."""
        response = self._transport.call(method, path, body)
        return response.json() if response.content else None
