"""The account that drives the tests of whole processes: one try a call, since they count them."""

from pathlib import Path
from typing import Any, Literal

from backend.demo.account import Account as SignedIn


class Account(SignedIn):
    """A signed-in person, and short names of what the tests do most."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, tries=1)

    def upload(self, kind: Literal["photo", "audio", "video"], path: Path) -> Any:
        """Send a file."""
        return self.uploads.send(kind, path)

    def create_voice(self, name: str, language: str, upload_id: str) -> Any:
        """Clone a voice."""
        return self.voices.clone(name, language, upload_id)

    def save_preview(self, base_voice: str, text: str, language: str, target: Path) -> None:
        """Save a base voice's reading of `text` as MP3."""
        target.write_bytes(self.speech.preview(base_voice, text, language))

    def create_message(self, **fields: Any) -> Any:
        """Create a draft."""
        return self.messages.create(**fields)

    def message(self, message_id: str) -> Any:
        """Return the message as it is now."""
        return self.messages.get(message_id)

    def render(self, message_id: str, priority: Literal["personal", "bulk"] = "personal") -> Any:
        """Put the message in the queue."""
        return self.messages.render(message_id, priority)

    def cancel(self, message_id: str) -> Any:
        """Stop the work."""
        return self.messages.cancel(message_id)

    def share(self, message_id: str) -> str:
        """Return a new link to the message."""
        return self.shares.create(message_id)["url"]

    def intend(self) -> None:
        """Say that a voice will be needed soon."""
        self.call("POST", "/power/intents")
