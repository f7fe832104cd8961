"""Why the speech service gave no answer that can be used.

A service that is down, slow or answers nonsense is `SpeechUnavailable` and worth another try; a
request that it understood and refused is `SpeechRefused` and is not.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx
from pydantic import ValidationError

from backend.problems import FieldError, Problem, Unavailable
from backend.speech.answers import Answer


class SpeechUnavailable(Unavailable):
    """The speech service is down, slow or answering nonsense; the same call may work later."""

    code = "speech_unavailable"
    title = "The speech service is not available"

    def __init__(self, detail: str, reason: str = "down") -> None:
        super().__init__(detail)
        self.reason = reason  # "down", "slow", "busy" or "nonsense"


class SpeechRefused(Problem):
    """The speech service understood the request and refused it; its own problem, passed on."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, errors: Sequence[FieldError] = ()
    ) -> None:
        super().__init__(detail, errors)
        self.status = status
        self.code = code
        self.title = title


@contextmanager
def transport_errors() -> Iterator[None]:
    """Turn httpx's errors into ours; a timeout is told apart, since it means slow, not down."""
    try:
        yield
    except httpx.TimeoutException as error:
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            raise SpeechUnavailable("The speech service does not answer.") from error
        raise SpeechUnavailable("The speech service is too slow to answer.", "slow") from error
    except (httpx.RemoteProtocolError, httpx.DecodingError) as error:
        raise SpeechUnavailable("The speech service broke off its answer.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise SpeechUnavailable("The speech service cannot be reached.") from error


def read_refusal(status: int, raw: bytes) -> SpeechUnavailable | SpeechRefused:
    """Return what an answer that is no success means for the caller."""
    if status in (408, 425, 429):
        return SpeechUnavailable("The speech service is busy.", "busy")
    if status in (401, 403):
        return SpeechUnavailable("The speech service does not accept this backend's token.")
    problem = _read_problem(raw)
    is_of_voicevox = problem is not None and problem.code == "voicevox_unavailable"
    if not 400 <= status < 500 and not is_of_voicevox:
        return SpeechUnavailable(f"The speech service failed with status {status}.")
    if problem is None:
        return nonsense(f"status {status} came without a reason")
    return SpeechRefused(
        status,
        problem.code,
        problem.title,
        problem.detail,
        [FieldError(**error.model_dump()) for error in problem.errors],
    )


def _read_problem(raw: bytes) -> "_ServiceProblem | None":
    try:
        return _ServiceProblem.model_validate_json(raw)
    except ValidationError:
        return None


class _ServiceFieldError(Answer):
    field: str
    code: str
    message: str
    fix: str = ""
    sentence: str | None = None
    at: int | None = None


class _ServiceProblem(Answer):
    code: str
    title: str = ""
    detail: str = ""
    errors: tuple[_ServiceFieldError, ...] = ()


def nonsense(how: str) -> SpeechUnavailable:
    """Return the error for an answer that cannot be believed; `how` quotes none of it."""
    return SpeechUnavailable(f"The speech service answered nonsense: {how}.", "nonsense")
