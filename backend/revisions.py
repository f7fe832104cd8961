"""Strong ETags: which state of a thing somebody has seen, and whether it is still that one."""

import hashlib
import re

from pydantic import BaseModel

from backend.problems import Changed

_STRONG = re.compile(r'(?:^|,)\s*"([^"]*)"')


def revision_of(body: BaseModel) -> str:
    """Return the revision that `body` shows: another one as soon as anything of it is another."""
    shown = body.model_dump_json(exclude={"revision"}).encode()
    return hashlib.sha256(shown).hexdigest()[:32]


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
