"""Where published files come from: a hub over HTTP, or a folder that somebody brought along."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import httpx

from openvoice_service.models.manifest import File, Model

DEFAULT_ENDPOINT = "https://huggingface.co"
BLOCK_BYTES = 1 << 18
_TIMEOUTS = httpx.Timeout(30.0, connect=15.0)
_LONGEST_WAIT_S = 60.0
_ADDRESS = re.compile(r"https?://[^/]")


class DownloadFailed(Exception):
    """A file could not be fetched; the message is a sentence for people."""


class Interrupted(DownloadFailed):
    """It broke off and may be tried again.

    wait_s: what the server asked to wait, if it did
    """

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


@dataclass(frozen=True)
class Opened:
    """A file being read, from byte `start` on."""

    start: int
    blocks: Iterator[bytes]


class Source(Protocol):
    """Something that has published files."""

    @contextmanager
    def open(self, model: Model, file: File, start: int) -> Iterator[Opened]:
        """Read `file` from byte `start` on, or from 0 where the source cannot do that.

        raises: Interrupted (also while reading), DownloadFailed
        """


class OfflineFolder:
    """A copy of the folder of models, for machines that reach no hub."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DownloadFailed(f"There is no folder {folder}.")
        self._folder = folder

    @contextmanager
    def open(self, model: Model, file: File, start: int) -> Iterator[Opened]:
        """Read a copy. Raises DownloadFailed."""
        path = self._folder / model.folder / file.target
        try:
            if path.stat().st_size != file.size:
                raise DownloadFailed(f"{path} has another size than the published file.")
            with path.open("rb") as copy:
                copy.seek(start)
                yield Opened(start, iter(lambda: copy.read(BLOCK_BYTES), b""))
        except FileNotFoundError as error:
            raise DownloadFailed(f"{path} is missing from the folder given.") from error


class Hub:
    """The Hugging Face hub, or a server that answers like it."""

    def __init__(self, endpoint: str = DEFAULT_ENDPOINT) -> None:
        self._endpoint = endpoint.rstrip("/")
        if not _ADDRESS.match(self._endpoint):
            raise DownloadFailed(
                f"{endpoint} is no address: it must begin with https:// or http://."
            )

    @contextmanager
    def open(self, model: Model, file: File, start: int) -> Iterator[Opened]:
        """Ask for the rest of a file. Raises Interrupted, DownloadFailed."""
        url = f"{self._endpoint}/{model.repository}/resolve/{model.revision}/{file.path}"
        # A compressed answer could not be continued at a byte of the file.
        headers = {"accept-encoding": "identity"} | ({"range": f"bytes={start}-"} if start else {})
        try:
            with _client() as client, client.stream("GET", url, headers=headers) as answer:
                # Blocks as they come: a fixed size would lose what a broken connection brought.
                yield Opened(_start_of(answer, file, start), answer.iter_raw())
        except httpx.TransportError as error:
            host = httpx.URL(url).host
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                raise DownloadFailed(
                    f"The certificate of {host} is not trusted here: name your proxy's "
                    "certificates in SSL_CERT_FILE, and look at this computer's clock."
                ) from error
            raise Interrupted(f"The connection to {host} broke off ({_cause(error)}).") from error
        except httpx.HTTPError as error:
            raise DownloadFailed(
                f"{httpx.URL(url).host} does not answer: {_cause(error)}."
            ) from error


def _client() -> httpx.Client:
    try:
        return httpx.Client(timeout=_TIMEOUTS, follow_redirects=True)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # What httpx says to a SOCKS proxy, for which it needs another package, and to nonsense.
        raise DownloadFailed(
            "The proxy that the environment names cannot be used: set HTTPS_PROXY=http://… (no "
            "SOCKS), or fetch the files elsewhere and name their folder (--from)."
        ) from error


def _cause(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _start_of(answer: httpx.Response, file: File, asked: int) -> int:
    """Return the byte at which the body begins. Raises Interrupted, DownloadFailed."""
    _require_success(answer)
    start, size = asked, file.size
    if answer.status_code == httpx.codes.PARTIAL_CONTENT:
        start, size = _content_range(answer)
    elif answer.headers.get("content-length", "").isdigit():
        start, size = 0, int(answer.headers["content-length"])
    else:
        start = 0
    if start not in (0, asked):
        raise DownloadFailed(f"{answer.url.host} sent another part of the file than was asked for.")
    if size != file.size:
        raise DownloadFailed(
            f"{answer.url.host} has {size:,} bytes as {file.path}, and {file.size:,} are published."
        )
    return start


def _require_success(answer: httpx.Response) -> None:
    status, host = answer.status_code, answer.url.host
    if answer.is_success:
        return
    if status in (408, 425, 429) or status >= 500:
        asked = answer.headers.get("retry-after", "")
        wait_s = min(float(asked), _LONGEST_WAIT_S) if asked.isdigit() else None
        raise Interrupted(f"{host} is busy or broken just now (status {status}).", wait_s)
    if status == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        raise DownloadFailed(f"{host} has fewer bytes of the file than are here already.")
    if status in (401, 403):
        raise DownloadFailed(f"{host} does not give the file to strangers (status {status}).")
    raise DownloadFailed(
        f"{host} has no such file (status {status}): check HF_ENDPOINT, or use --from."
    )


def _content_range(answer: httpx.Response) -> tuple[int, int]:
    """Return (first byte, bytes of the whole file) of `bytes 5-9/10`."""
    try:
        span, whole = answer.headers["content-range"].removeprefix("bytes ").split("/")
        return int(span.split("-")[0]), int(whole)
    except (KeyError, ValueError) as error:
        raise DownloadFailed(f"{answer.url.host} does not say which bytes it sent.") from error
