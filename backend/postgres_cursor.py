"""A cursor of psycopg that describes its columns only to those who look.

psycopg makes an object of each column, each time it is asked. SQLAlchemy knows the columns of a
statement that it ran before, and asks only whether there are any: of a message's fifty that took
a fifth of the whole look-up.
"""

from collections.abc import Sequence
from typing import Any

from psycopg import Column, Cursor


class Description(Sequence[Any]):
    """What `Cursor.description` returns, a column at a time."""

    def __init__(self, cursor: Cursor[Any], count: int) -> None:
        self._cursor, self._count = cursor, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        places = range(self._count)[place]
        if isinstance(places, range):
            return [Column(self._cursor, one) for one in places]
        return Column(self._cursor, places)


class LazyCursor(Cursor[Any]):
    """`psycopg.Cursor` with a description that is worked out when it is read."""

    @property
    def description(self) -> Any:
        """The columns of the rows there are; None after a statement that returns none."""
        columns = self.pgresult.nfields if self.pgresult else 0
        return Description(self, columns) if columns else None
