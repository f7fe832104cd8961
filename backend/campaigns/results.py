"""What became of a campaign as CSV: its own columns, and beside them state, link and audience."""

import csv
import io
from collections.abc import Iterator, Sequence

from sqlalchemy.orm import Session, sessionmaker

from backend.campaigns import service
from backend.campaigns.rows import Links, list_rows
from backend.campaigns.schemas import RowBody, RowsQuery

_AT_ONCE = 200
# Programs that open a CSV take a cell that begins so for a formula.
# source: OWASP, CSV injection
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_ADDED = ("state", "problems", "link", "sent", "watched_percent", "views", "replied")


def results_csv(
    readers: sessionmaker[Session], links: Links, account_id: str, campaign_id: str
) -> Iterator[str]:
    """Return the results, some rows at a time; a byte order mark tells Excel that it is UTF-8.

    raises: NotFound
    """
    with readers() as session:
        columns = service.get_campaign(session, account_id, campaign_id).columns
    return _pieces(readers, links, account_id, campaign_id, columns)


def _pieces(
    readers: sessionmaker[Session],
    links: Links,
    account_id: str,
    campaign_id: str,
    columns: Sequence[str],
) -> Iterator[str]:
    yield "\ufeff" + _written([[*columns, *_ADDED]])
    cursor: int | None = -1
    while cursor is not None:
        with readers() as session:
            campaign = service.get_campaign(session, account_id, campaign_id)
            page = list_rows(session, links, campaign, RowsQuery(limit=_AT_ONCE, cursor=cursor))
        yield _written([_cells(row, len(columns)) for row in page.items])
        cursor = int(page.next_cursor) if page.next_cursor is not None else None


def _cells(row: RowBody, width: int) -> list[str]:
    watched, mail = row.watched, row.mail
    sent = mail.sent_at if mail is not None else None
    return [
        *(row.cells[place] if place < len(row.cells) else "" for place in range(width)),
        row.state.value,
        " ".join(problem.code for problem in row.problems),
        row.share_url or "",
        f"{sent:%Y-%m-%dT%H:%M:%SZ}" if sent else mail.state.value if mail else "",
        f"{watched.percent:.0f}" if watched and watched.views else "",
        str(watched.views) if watched else "",
        str(watched.replies) if watched else "",
    ]


def _written(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([[harmless(cell) for cell in row] for row in rows])
    return text.getvalue()


def harmless(cell: str) -> str:
    """Return a cell that no program takes for a formula; negative numbers stay numbers."""
    is_number = cell[:1] == "-" and cell[1:].replace(".", "", 1).isdecimal()
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) and not is_number else cell
