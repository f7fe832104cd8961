"""A stored file as an answer: ranges and conditions are Starlette's, wherever the file lies."""

import os
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from backend.problems import Problem
from backend.storage.port import Storage, StoredFacts


class StoredFileResponse(FileResponse):
    """Streams `key` through us (RFC 9110, 14). It is looked for only when the answer begins.

    By then the request's transaction is over: none is open while a storage is asked.
    missing:  what is raised where the file is not there
    filename: offers to save the file under this name
    """

    def __init__(
        self,
        storage: Storage,
        key: str,
        missing: Problem,
        *,
        media_type: str | None,
        headers: Mapping[str, str],
        filename: str | None = None,
    ) -> None:
        super().__init__(key, headers=headers, media_type=media_type, filename=filename)
        self._storage = storage
        self._key = key
        self._missing = missing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or raise `missing` before anything was sent."""
        found = await run_in_threadpool(self._storage.find, self._key)
        if found is None:
            raise self._missing
        if found.etag is not None:
            self.headers["etag"] = found.etag
        self.stat_result = _as_stat(found)
        self.set_stat_headers(self.stat_result)
        # A server that sends files by their path knows no storage.
        extensions = scope.get("extensions", {})
        others = {
            name: each for name, each in extensions.items() if name != "http.response.pathsend"
        }
        await super().__call__({**scope, "extensions": others}, receive, send)

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        file = anyio.wrap_file(await run_in_threadpool(self._storage.open, self._key))
        try:
            yield file
        finally:
            # Closing must finish even when the transfer is cancelled.
            with anyio.CancelScope(shield=True):
                await file.aclose()


def _as_stat(found: StoredFacts) -> os.stat_result:
    """Return what Starlette asks: size and time. The rest is as of any file."""
    mode = stat.S_IFREG | 0o600
    whole_s = int(found.modified_s)
    known = (mode, 0, 0, 1, 0, 0, found.size_bytes, whole_s, whole_s, whole_s)
    return os.stat_result((*known, *(found.modified_s,) * 3))
