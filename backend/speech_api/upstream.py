"""Passing a call on to the speech service, piece by piece, for as long as somebody listens."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import anyio
import httpx
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from backend.ids import new_id
from backend.power.lanes import Lanes
from backend.power.work import CALL
from backend.problems import Problem, RateLimited
from backend.settings import Settings
from backend.speech.client import CONNECT_TIMEOUT_S, MAX_JSON_BYTES
from backend.speech.errors import SpeechRefused, SpeechUnavailable, read_refusal, transport_errors
from backend.trust import authorities

logger = logging.getLogger(__name__)

PASSED_HEADERS = ("content-type", "content-length")
# nginx's word for "pass each piece on at once"; what is said is nobody's to keep on the way.
OWN_HEADERS = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
RETRY_AFTER_S = 5
HUNG_UP = 499  # nginx's status for a caller who left; nobody reads it but our log

T = TypeVar("T")


class QueueFull(RateLimited):
    """429: the speech service has as much to do as it takes on."""

    code = "queue_full"
    title = "The speech service is busy"


@dataclass(frozen=True)
class Call:
    """One call of a program; `gpu_url` is the lane's address where that one was taken."""

    id: str
    gpu_url: str | None


NO_CALL = Call("", None)


class HungUp(Exception):
    """The caller left before there was an answer."""


class SpeechUpstream:
    """The speech service as the proxied routes see it: answers are streams of bytes."""

    def __init__(self, base_url: str, token: str, base_timeout_s: float, lanes: Lanes) -> None:
        self.base_timeout_s = base_timeout_s
        self._lanes = lanes
        self._http = httpx.AsyncClient(
            base_url=base_url.rstrip("/"),
            # Never packed: pieces could not be passed on before the packing lets go of them.
            headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"},
            verify=authorities(),
            trust_env=False,
            follow_redirects=False,
            # A connection per call: one that died unseen would fail a call that cannot be repeated.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    @classmethod
    def from_settings(cls, settings: Settings, lanes: Lanes) -> Self:
        """Return the speech service that the settings name, and the GPU lane while it is awake."""
        address, token = settings.speech_address, settings.speech_bearer
        return cls(address, token, settings.speech_timeout_s, lanes)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._http.aclose()

    async def relay(
        self,
        request: Request,
        path: str,
        timeout_s: float,
        *,
        gains_by_gpu: bool = False,
        **body: Any,
    ) -> Response:
        """Answer `request` with what the service answers to a POST of `body`.

        timeout_s:    the longest silence that is borne, before the first byte or between two
        gains_by_gpu: whether the GPU lane is asked while it is awake
        raises: SpeechUnavailable, QueueFull, SpeechRefused
        """
        call = await self._take(timeout_s) if gains_by_gpu else NO_CALL
        try:
            begun = self._begin_on(call, path, timeout_s, body)
            answer = await _unless_hung_up(request, begun)
        except BaseException as error:
            await self._end(call)
            if isinstance(error, HungUp):
                return Response(status_code=HUNG_UP)
            raise
        passed = {name: answer.headers[name] for name in PASSED_HEADERS if name in answer.headers}
        pieces = _pieces(answer, lambda: self._end(call))
        return StreamingResponse(pieces, headers=passed | OWN_HEADERS)

    async def _take(self, timeout_s: float) -> Call:
        call_id = new_id(CALL)
        return Call(call_id, await run_in_threadpool(self._lanes.take_call, call_id, timeout_s))

    async def _end(self, call: Call) -> None:
        if call.gpu_url is not None:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._lanes.end_call, call.id)

    async def _begin_on(
        self, call: Call, path: str, timeout_s: float, body: dict[str, Any]
    ) -> httpx.Response:
        """Begin on the GPU lane where the call is; one that can't be done there goes to the CPU."""
        if call.gpu_url is not None:
            try:
                return await self._begin(call.gpu_url.rstrip("/") + path, timeout_s, body)
            except (SpeechUnavailable, QueueFull) as problem:
                logger.warning("a call leaves the GPU lane: %s", problem.code)
                _rewind(body)
        return await self._begin(path, timeout_s, body)

    async def _begin(self, path: str, timeout_s: float, body: dict[str, Any]) -> httpx.Response:
        connect_s = min(CONNECT_TIMEOUT_S, self.base_timeout_s)
        timeout = httpx.Timeout(timeout_s, connect=connect_s)
        with transport_errors():
            asked = self._http.build_request("POST", path, timeout=timeout, **body)
            answer = await self._http.send(asked, stream=True)
            if answer.is_success:
                return answer
            try:
                raw = await _read_start(answer)
            finally:
                await answer.aclose()
        raise _problem_of(answer, raw)


async def _read_start(answer: httpx.Response) -> bytes:
    raw = b""
    async for chunk in answer.aiter_raw():
        raw += chunk
        if len(raw) > MAX_JSON_BYTES:
            break
    return raw


def _problem_of(answer: httpx.Response, raw: bytes) -> Problem:
    if answer.status_code == 429:
        wait_s = _seconds(answer.headers.get("retry-after", ""))
        return QueueFull(f"Try again in {wait_s} s.", wait_s)
    problem = read_refusal(answer.status_code, raw)
    if isinstance(problem, SpeechRefused) and _is_about_the_voice(problem):
        problem.status = 404  # a voice that is not there looks the same wherever it is found out
    return problem


def _is_about_the_voice(problem: SpeechRefused) -> bool:
    fields = {error.field for error in problem.errors}
    return problem.code == "voice_unknown" and fields <= {"voice"}


def _seconds(header: str) -> int:
    return min(int(header), 3600) if header.isascii() and header.isdigit() else RETRY_AFTER_S


def _rewind(body: dict[str, Any]) -> None:
    for _, file, _ in body.get("files", {}).values():
        file.seek(0)


async def _pieces(
    answer: httpx.Response, end: Callable[[], Awaitable[None]]
) -> AsyncIterator[bytes]:
    try:
        async for piece in answer.aiter_raw():
            yield piece
    finally:
        # Also when the caller hung up and this task is being cancelled: the device is waiting.
        with anyio.CancelScope(shield=True):
            await answer.aclose()
            await end()


async def _unless_hung_up(request: Request, work: Awaitable[T]) -> T:
    """Return what `work` returns; drop it, and raise HungUp, as soon as the caller leaves."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_hang_up(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise HungUp
        return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _hang_up(request: Request) -> None:
    """Return when the caller leaves; the request's body must have been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
