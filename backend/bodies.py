"""What all request bodies have in common."""

import re
from typing import Any

from pydantic import BaseModel, field_validator

# Line ends too: a name may stand in the header of a mail later.
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class RequestBody(BaseModel):
    """A body as it was sent, without NUL characters: PostgreSQL cannot store them."""

    @field_validator("*", mode="before")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        return value.replace("\0", "") if isinstance(value, str) else value


def on_one_line(value: Any) -> Any:
    """Return text on one line, without control characters; None where nothing is left of it."""
    return (_BREAKS.sub(" ", value).strip() or None) if isinstance(value, str) else value
