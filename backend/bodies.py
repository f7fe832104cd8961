"""What all request bodies have in common."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, field_validator
from pydantic_core import PydanticCustomError

# Line ends too: a name may stand in the header of a mail later.
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Within them a moment is one in every zone; beyond, the calendar of Python and databases ends.
_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime:
    if not _EARLIEST <= moment <= _LATEST:
        raise PydanticCustomError("moment_far", "The calendar has no such moment.")
    return moment.astimezone(UTC)


# A moment as it is sent: with its zone.
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class RequestBody(BaseModel):
    """A body as it was sent, without NUL characters: PostgreSQL cannot store them."""

    @field_validator("*", mode="before")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        return value.replace("\0", "") if isinstance(value, str) else value


def on_one_line(value: Any) -> Any:
    """Return text on one line, without control characters; None where nothing is left of it."""
    return (_BREAKS.sub(" ", value).strip() or None) if isinstance(value, str) else value
