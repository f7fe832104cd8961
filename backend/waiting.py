"""`Prefer: wait=N`: an answer that is held back until the work is over, at most N seconds.

source: RFC 7240, section 4.3
"""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Annotated

from fastapi import Header, Request, Response
from fastapi.concurrency import run_in_threadpool

# Proxies give up on an answer after about a minute.
LONGEST_WAIT_S = 55
_POLL_S = 0.25
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?=$|[,;\s])", re.IGNORECASE)

Prefer = Annotated[
    str | None,
    Header(
        description=(
            "`wait=30`: the answer comes when the work is over, or after so many seconds "
            f"(at most {LONGEST_WAIT_S}) as it then stands"
        )
    ),
]


def wait_s(prefer: str | None) -> int:
    """Return for how many seconds the caller would wait; a preference that is none is ignored."""
    found = _WAIT.search(prefer or "")
    return min(int(found.group(1)), LONGEST_WAIT_S) if found else 0


async def wait_until(
    is_over: Callable[[], bool], prefer: str | None, request: Request, response: Response
) -> None:
    """Return when `is_over`, the wish is used up, or the caller has gone."""
    longest_s = wait_s(prefer)
    if not longest_s:
        return
    response.headers["Preference-Applied"] = f"wait={longest_s}"
    until_s = time.monotonic() + longest_s
    while not await run_in_threadpool(is_over):
        if time.monotonic() >= until_s or await request.is_disconnected():
            return
        await asyncio.sleep(_POLL_S)
