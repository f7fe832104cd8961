"""Strong ETags: which state of a thing somebody has seen, and whether it is still that one."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Header, Response
from pydantic import BaseModel

from backend.problems import Changed, ProblemBody

IfMatch = Annotated[str | None, Header(description="The ETag that is to be changed")]
CHANGED: dict[int | str, dict[str, Any]] = {
    412: {"model": ProblemBody, "description": "`draft_changed`: it is not as it was any more"}
}
_STRONG = re.compile(r'(?:^|,)\s*"([^"]*)"')


def revision_of(body: BaseModel) -> str:
    """Return the revision that `body` shows: another one as soon as anything of it is another."""
    return _digest(body.model_dump_json(exclude={"revision"}))


def revision_of_parts(*parts: Any) -> str:
    """Return the revision of what people change, where more is shown that goes on by itself.

    parts: what JSON knows, and moments
    """
    return _digest(json.dumps(parts, sort_keys=True, default=_in_utc))


def _in_utc(moment: datetime) -> str:
    # As it was sent it may be told by another clock than as it is read again.
    return moment.astimezone(UTC).isoformat()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def require_match(if_match: str | None, revision: str) -> None:
    """Raise Changed unless `If-Match` names `revision`; without the header anything goes.

    A weak tag names no state exactly, and so matches nothing (RFC 9110, section 13.1.1).
    """
    if if_match is None or if_match.strip() == "*":
        return
    if revision not in _STRONG.findall(if_match):
        raise Changed.since(etag(revision))


def is_known(if_none_match: str | None, revision: str) -> bool:
    """Return whether the caller has `revision` already; here a weak tag does as well."""
    tags = re.findall(r'"([^"]*)"', if_none_match or "")
    return revision in tags or (if_none_match or "").strip() == "*"


def etag(revision: str) -> str:
    """Return the header's value."""
    return f'"{revision}"'


def tag(response: Response, revision: str) -> None:
    """Have an answer say which revision it shows."""
    response.headers["ETag"] = etag(revision)
