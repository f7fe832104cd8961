"""The API's nouns, each with what can be done to it. Answers are the JSON as it comes, typed."""

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

from videomessage.transport import Transport
from videomessage.types import (
    Campaign,
    CampaignRow,
    Email,
    Message,
    MessageEvent,
    Share,
    Upload,
    UploadKind,
    Voice,
    Webhook,
    WebhookWithSecret,
    Word,
)

NOT_IN_WORK = frozenset({"draft", "ready", "failed", "cancelled"})
# The server holds an answer back no longer; then it is asked again.
LONGEST_WAIT_S = 50
CONSENT = "This is my own voice, and I agree that it is cloned for my messages."


class _Resource:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _json(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        response = self._transport.call(method, path, body, **more)
        return response.json() if response.content else None

    def _pages(self, path: str, **query: Any) -> Iterator[Any]:
        """Yield every item of a list, page by page."""
        cursor = None
        while True:
            page = self._json("GET", path, query=query | {"cursor": cursor})
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _save(self, path: str, target: Path) -> None:
        with self._transport.stream(path) as response, target.open("wb") as file:
            for chunk in response.iter_bytes():
                file.write(chunk)


class Uploads(_Resource):
    """Photos, recordings and samples on their way in. Scope `uploads`."""

    def send(
        self,
        kind: UploadKind,
        path: Path | str,
        on_sent: Callable[[int, int], None] = lambda _sent, _size: None,
    ) -> Upload:
        """Send a file in parts; `on_sent(bytes so far, size)` is told after each."""
        file = Path(path)
        size = file.stat().st_size
        wish = {"kind": kind, "filename": file.name, "size_bytes": size}
        upload: Upload = self._json("POST", "/uploads", wish)
        with file.open("rb") as stream:
            sent = 0
            for number, part in enumerate(_parts(stream.read, upload["part_size_bytes"]), 1):
                self._send_part(upload["id"], number, part)
                sent += len(part)
                on_sent(sent, size)
        return cast(Upload, self._json("POST", f"/uploads/{upload['id']}/complete"))

    def _send_part(self, upload_id: str, number: int, part: bytes) -> None:
        wish = {"number": number, "sha256": hashlib.sha256(part).hexdigest()}
        address = self._json("POST", f"/uploads/{upload_id}/parts", wish)
        self._transport.send(address["method"], address["url"], part, address["headers"])

    def fetch(self, kind: UploadKind, url: str) -> Upload:
        """Have the server fetch a file from a public address."""
        return cast(Upload, self._json("POST", "/uploads/fetches", {"kind": kind, "url": url}))

    def get(self, upload_id: str) -> Upload:
        """Return an upload and what is known of it."""
        return cast(Upload, self._json("GET", f"/uploads/{upload_id}"))

    def delete(self, upload_id: str) -> None:
        """Delete an upload and its bytes."""
        self._json("DELETE", f"/uploads/{upload_id}")


class Voices(_Resource):
    """Cloned voices. Scopes `voices`, `voices:write`."""

    def clone(self, name: str, language: str, upload_id: str, consent_text: str = CONSENT) -> Voice:
        """Clone the voice of an uploaded sample; calling this says that the speaker agreed."""
        consent = {"accepted": True, "text": consent_text}
        body = {"name": name, "language": language, "upload_id": upload_id, "consent": consent}
        return cast(Voice, self._json("POST", "/voices", body))

    def list(self) -> Iterator[Voice]:
        """Yield the account's voices."""
        return self._pages("/voices")

    def base(self) -> Sequence[Mapping[str, Any]]:
        """Return the product's own voices."""
        return cast("Sequence[Mapping[str, Any]]", self._json("GET", "/base-voices")["items"])

    def delete(self, voice_id: str) -> None:
        """Delete a voice, its sample and everything spoken with it that is kept."""
        self._json("DELETE", f"/voices/{voice_id}")


class Words(_Resource):
    """How words are read. Scopes `messages:read`, `messages:write`."""

    def create(self, surface: str, kana: str) -> Word:
        """Have a word read by this kana."""
        return cast(Word, self._json("POST", "/words", {"surface": surface, "kana": kana}))

    def list(self) -> Sequence[Word]:
        """Return the account's words."""
        return cast("Sequence[Word]", self._json("GET", "/words")["items"])

    def delete(self, word_id: str) -> None:
        """Have it read as the dictionary says."""
        self._json("DELETE", f"/words/{word_id}")


class Messages(_Resource):
    """Video messages. Scopes `messages:read`, `messages:write`."""

    def create(self, **fields: Any) -> Message:
        """Begin a draft: `title`, `script`, `language`, `voice`, `photo_upload_id`, …"""
        return cast(Message, self._json("POST", "/messages", fields))

    def list(self, **filters: Any) -> Iterator[Message]:
        """Yield the account's messages, newest first; `state="ready"` and so on narrow them."""
        return self._pages("/messages", **filters)

    def get(self, message_id: str) -> Message:
        """Return a message as it is now."""
        return cast(Message, self._json("GET", f"/messages/{message_id}"))

    def change(self, message_id: str, *, revision: str | None = None, **fields: Any) -> Message:
        """Set these fields; with `revision` only where nobody else has changed it since."""
        headers = {"If-Match": f'"{revision}"'} if revision else None
        path = f"/messages/{message_id}"
        return cast(Message, self._json("PATCH", path, fields, headers=headers))

    def delete(self, message_id: str) -> None:
        """Delete a message with its video and its links."""
        self._json("DELETE", f"/messages/{message_id}")

    def render(
        self, message_id: str, priority: Literal["personal", "bulk"] = "personal"
    ) -> Message:
        """Put the message in the queue, the first time or again."""
        path = f"/messages/{message_id}/render"
        return cast(Message, self._json("POST", path, {"priority": priority}))

    def wait(self, message_id: str, timeout_s: float = 600.0) -> Message:
        """Return the message when nothing more is being made of it, or when the time is over."""
        until_s = time.monotonic() + timeout_s
        while True:
            left_s = max(0, min(LONGEST_WAIT_S, int(until_s - time.monotonic())))
            headers = {"Prefer": f"wait={left_s}"}
            message = self._json("GET", f"/messages/{message_id}", headers=headers)
            if message["state"] in NOT_IN_WORK or time.monotonic() >= until_s - 1:
                return cast(Message, message)

    def events(self, message_id: str) -> Iterator[MessageEvent]:
        """Yield the progress as it happens, until it is over."""
        with self._transport.stream(f"/api/v1/messages/{message_id}/events") as response:
            for line in response.iter_lines():
                if line.startswith("data:"):
                    yield json.loads(line[5:])

    def cancel(self, message_id: str) -> Message:
        """Stop the work."""
        return cast(Message, self._json("POST", f"/messages/{message_id}/cancel"))

    def save_video(self, message_id: str, target: Path | str) -> None:
        """Save the finished MP4."""
        self._save(f"/api/v1/messages/{message_id}/video", Path(target))


class Shares(_Resource):
    """Links to messages. Scopes `shares:read`, `shares:write`."""

    def create(self, message_id: str, **rules: Any) -> Share:
        """Return a new link: `label`, `password`, `expires_at`, `view_limit`, …"""
        return cast(Share, self._json("POST", f"/messages/{message_id}/shares", rules))

    def list(self, message_id: str) -> Sequence[Share]:
        """Return a message's links and how they were watched."""
        path = f"/messages/{message_id}/shares"
        return cast("Sequence[Share]", self._json("GET", path)["items"])

    def audience(self, message_id: str) -> Mapping[str, Any]:
        """Return who watched, reacted and replied."""
        return cast("Mapping[str, Any]", self._json("GET", f"/messages/{message_id}/audience"))

    def revoke(self, share_id: str) -> None:
        """Close a link."""
        self._json("DELETE", f"/shares/{share_id}")


class Emails(_Resource):
    """Messages by mail. Scope `emails`."""

    def send(
        self, message_id: str, recipients: Sequence[Mapping[str, str]], **letter: Any
    ) -> Sequence[Email]:
        """Send each recipient (`email`, `name`) a link of their own; `subject`, `note`, …"""
        body = {"recipients": list(recipients)} | letter
        path = f"/messages/{message_id}/emails"
        return cast("Sequence[Email]", self._json("POST", path, body)["items"])

    def list(self, message_id: str) -> Sequence[Email]:
        """Return a message's mails."""
        path = f"/messages/{message_id}/emails"
        return cast("Sequence[Email]", self._json("GET", path)["items"])


class Campaigns(_Resource):
    """One script for many names. Scopes `campaigns:read`, `campaigns:write`.

    `make_links` needs `shares:write` as well.
    """

    def create(self, name: str, message_id: str | None = None) -> Campaign:
        """Begin one; `message_id` is copied as its template, in which `{{name}}` is a column."""
        body = {"name": name, "message_id": message_id}
        return cast(Campaign, self._json("POST", "/campaigns", body))

    def list(self, **filters: Any) -> Iterator[Campaign]:
        """Yield the account's campaigns, newest first."""
        return self._pages("/campaigns", **filters)

    def get(self, campaign_id: str) -> Campaign:
        """Return a campaign and how far it is."""
        return cast(Campaign, self._json("GET", f"/campaigns/{campaign_id}"))

    def change(self, campaign_id: str, **fields: Any) -> Campaign:
        """Set `name` or `mapping`."""
        return cast(Campaign, self._json("PATCH", f"/campaigns/{campaign_id}", fields))

    def put_list(self, campaign_id: str, path: Path | str) -> Campaign:
        """Send the list of people: a CSV or XLSX file."""
        file = Path(path)
        files = {"file": (file.name, file.read_bytes())}
        return cast(Campaign, self._json("PUT", f"/campaigns/{campaign_id}/list", files=files))

    def rows(self, campaign_id: str, **filters: Any) -> Iterator[CampaignRow]:
        """Yield its rows; `state="failed"` and so on narrow them."""
        return self._pages(f"/campaigns/{campaign_id}/rows", **filters)

    def start(self, campaign_id: str, samples: int = 3) -> Campaign:
        """Make the first few, to be listened to; with none it runs at once."""
        path = f"/campaigns/{campaign_id}/start"
        return cast(Campaign, self._json("POST", path, {"samples": samples}))

    def approve(self, campaign_id: str) -> Campaign:
        """Go on with the rest."""
        return self._order(campaign_id, "approve")

    def pause(self, campaign_id: str) -> Campaign:
        """Take up no more rows."""
        return self._order(campaign_id, "pause")

    def resume(self, campaign_id: str) -> Campaign:
        """Go on."""
        return self._order(campaign_id, "resume")

    def retry(self, campaign_id: str) -> Campaign:
        """Try the failed rows again."""
        return self._order(campaign_id, "retry")

    def cancel(self, campaign_id: str) -> Campaign:
        """Stop; what is ready stays."""
        return self._order(campaign_id, "cancel")

    def _order(self, campaign_id: str, what: str) -> Campaign:
        return cast(Campaign, self._json("POST", f"/campaigns/{campaign_id}/{what}"))

    def make_links(self, campaign_id: str) -> int:
        """Give each person whose video is ready a link, unless they have one; return how many."""
        return cast(int, self._json("POST", f"/campaigns/{campaign_id}/links")["made"])

    def save_results(self, campaign_id: str, target: Path | str) -> None:
        """Save the list with states and the links that were made as CSV."""
        self._save(f"/api/v1/campaigns/{campaign_id}/results.csv", Path(target))


class Webhooks(_Resource):
    """Who is told what happens. Scopes `webhooks:read`, `webhooks:write`."""

    def create(self, url: str, events: Sequence[str], **more: Any) -> WebhookWithSecret:
        """Have `url` told of these events; the secret is shown this once."""
        body = {"url": url, "events": list(events)} | more
        return cast(WebhookWithSecret, self._json("POST", "/webhooks", body))

    def list(self) -> Sequence[Webhook]:
        """Return the account's webhooks."""
        return cast("Sequence[Webhook]", self._json("GET", "/webhooks")["items"])

    def test(self, webhook_id: str) -> None:
        """Send it a test event."""
        self._json("POST", f"/webhooks/{webhook_id}/test")

    def delete(self, webhook_id: str) -> None:
        """Tell it nothing any more."""
        self._json("DELETE", f"/webhooks/{webhook_id}")


class Speech(_Resource):
    """Speech alone, as audio. Scope `speech`. OpenAI's own client works here, too."""

    def preview(self, base_voice: str, text: str, language: str) -> bytes:
        """Return a base voice's reading of a short text as MP3."""
        body = {"text": text, "language": language}
        return self._transport.call("POST", f"/base-voices/{base_voice}/preview", body).content


def _parts(read: Callable[[int], bytes], size: int) -> Iterator[bytes]:
    while part := read(size):
        yield part
