"""Lists by cursor: ids sort by time of birth, so the last id seen is the cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

RowT = TypeVar("RowT")


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """Some rows, and where the next ones begin."""

    items: list[RowT]
    next_cursor: str | None


def page_of(
    session: Session,
    model: type[RowT],
    condition: ColumnElement[bool],
    limit: int,
    cursor: str | None,
) -> Page[RowT]:
    """Return up to `limit` rows of `model`, newest first, from `cursor` on."""
    identity = model.id  # type: ignore[attr-defined]  # every paged table has a sortable id
    query = select(model).where(condition).order_by(identity.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(identity < cursor)
    return page_from(list(session.scalars(query)), limit)


def page_from(rows: Sequence[RowT], limit: int) -> Page[RowT]:
    """Return the page that begins `rows`, of which one more than `limit` was asked for."""
    more = len(rows) > limit
    last = rows[limit - 1] if more else None
    return Page(list(rows[:limit]), last.id if last is not None else None)  # type: ignore[attr-defined]
