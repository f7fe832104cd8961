"""What campaigns, their rows and the addresses that want no mail look like on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from backend.bodies import RequestBody
from backend.campaigns.state import CampaignState
from backend.mail.models import EmailState
from backend.mail.schemas import EmailProblem
from backend.messages.schemas import Progress
from backend.shares.schemas import OneLine

MAX_COLUMNS = 50
MAX_CELL_CHARACTERS = 1_000

Heading = Annotated[str, Field(max_length=200)]
CampaignName = Annotated[str, OneLine, Field(min_length=1, max_length=200)]


class RowState(StrEnum):
    """Where a row stands; from `queued` on it is its message's state."""

    LEFT_OUT = "left_out"
    FAULTY = "faulty"
    WAITING = "waiting"
    QUEUED = "queued"
    SPEAKING = "speaking"
    COMPOSING = "composing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"


class NewCampaign(RequestBody):
    """A campaign to begin; its template is a copy of a message, or empty."""

    name: CampaignName
    message_id: str | None = Field(None, max_length=40)


class Mapping(RequestBody):
    """What the columns are used for, by their headings.

    name, email:   whom a row is for, and where their mail goes
    readings:      columns of names, each with the column of its kana (`ヤマ'ダ ハナコ`)
    same_address:  `once` finds fault with a row whose address an earlier one has already
    """

    name: Heading | None = None
    email: Heading | None = None
    readings: dict[Heading, Heading] = Field(default_factory=dict, max_length=MAX_COLUMNS)
    same_address: Literal["once", "each"] = "once"


class CampaignChanges(RequestBody):
    """The fields to set; what is left out stays."""

    name: CampaignName = ""
    mapping: Mapping = Field(default_factory=Mapping)


class PastedList(RequestBody):
    """A list as text: cells by commas, semicolons, tabs or bars, a row a line."""

    text: str


class Imported(BaseModel):
    """What was found out of a list.

    delimiter, encoding: null where the format has none
    notes: codes of what is odd about it: `rows_empty`, `headings_made`, `headings_twice`, …
    """

    format: Literal["csv", "tsv", "xlsx", "text"]
    encoding: str | None
    delimiter: str | None
    had_header: bool
    row_count: int
    notes: list[str]


class Counts(BaseModel):
    """How many rows are in each state."""

    total: int = 0
    left_out: int = 0
    faulty: int = 0
    waiting: int = 0
    queued: int = 0
    speaking: int = 0
    composing: int = 0
    ready: int = 0
    failed: int = 0
    cancelled: int = 0


class CampaignProgress(BaseModel):
    """How far the rows are that are to be made: 0..100, and an estimate in seconds."""

    percent: float
    eta_s: float | None


class TemplateProblem(BaseModel):
    """What is wrong with a placeholder.

    field: `script`, `title`, `title_card` or `closing_card`; at: its place there, from 1
    code:  `placeholder_unclosed`, `placeholder_empty`, `column_unknown`, `filter_unknown`,
           `placeholders_many`
    nearest: the name that was probably meant
    """

    field: str
    code: str
    at: int
    detail: str
    nearest: str | None


class CampaignBody(BaseModel):
    """A campaign: its template is a message that is changed as any other while it is a draft.

    revision: its name and mapping, as `ETag` says it too: send it as `If-Match` to change only
              what was seen
    """

    id: str
    revision: str
    name: str
    state: CampaignState
    template_message_id: str
    columns: list[str]
    mapping: Mapping
    imported: Imported | None
    counts: Counts
    progress: CampaignProgress
    template_problems: list[TemplateProblem]
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class CampaignStart(RequestBody):
    """How many rows are made first, to be listened to; with none all are made at once."""

    samples: int = Field(3, ge=0, le=20)


class CampaignNews(BaseModel):
    """How a campaign stands; version grows with whatever is done to it."""

    version: int
    state: CampaignState
    counts: Counts
    progress: CampaignProgress


class CampaignEstimate(BaseModel):
    """About what the rows that wait would take.

    length_s:  of a row's video
    speech_s, compose_s: work in all, in seconds; they go on side by side
    minutes:   from the start to the last video
    lane, usd_micro: where they would be spoken, and what the machine for that would cost
    is_first_guess: whether no row was ever made here whose time is known
    """

    rows: int
    length_s: float
    speech_s: float
    compose_s: float
    minutes: float
    lane: Literal["cpu", "gpu"]
    usd_micro: int
    is_first_guess: bool


class CampaignSummary(BaseModel):
    """A campaign as it stands in a list."""

    id: str
    name: str
    state: CampaignState
    template_message_id: str
    counts: Counts
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class CampaignList(BaseModel):
    """A page of campaigns, newest first."""

    items: list[CampaignSummary]
    next_cursor: str | None


# --- rows -----------------------------------------------------------------------------------


class RowProblem(BaseModel):
    """What is wrong with a row.

    code: `address_wrong`, `address_twice`, `value_missing`, `value_too_long`, `reading_wrong`,
          `script_too_long`, `cells_many`, `cells_few`; `suppressed` keeps mail away and no video;
          `outdated`: the row was changed since its video was made, and mail waits
    """

    column: str | None
    code: str
    detail: str


class PersonalSpan(BaseModel):
    """When a sentence with something personal in it is heard in the video."""

    start_s: float
    end_s: float
    text: str


class RowMail(BaseModel):
    """What became of the mail to a row's person."""

    id: str
    state: EmailState
    problem: EmailProblem | None
    sent_at: datetime | None


class RowWatched(BaseModel):
    """What the person did with their link; percent of the video, 0..100."""

    views: int
    percent: float
    replies: int
    last_viewed_at: datetime | None


class RowBody(BaseModel):
    """A row and the message that is made of it.

    revision:           its cells, whether it is left out, its message and whether that is
                        approved, as `ETag` says it too: send it as `If-Match` to change only
                        what was seen
    script:             the template's, with this row's values in it
    personal_sentences: those of its sentences in which one stands
    spans:              the same in the video, once it is there
    """

    id: str
    revision: str
    position: int
    cells: list[str]
    state: RowState
    problems: list[RowProblem]
    script: str
    personal_sentences: list[str]
    spans: list[PersonalSpan]
    message_id: str | None
    video_url: str | None
    poster_url: str | None
    share_url: str | None
    progress: Progress | None
    is_sample: bool
    approved_at: datetime | None
    mail: RowMail | None
    watched: RowWatched | None


class RowList(BaseModel):
    """A page of rows in the list's order; total: how many there are of those asked for."""

    items: list[RowBody]
    next_cursor: str | None
    total: int


class RowsQuery(BaseModel):
    """Which rows are asked for; offset counts those that fit, for whoever jumps into a table."""

    state: RowState | None = None
    q: str = Field("", max_length=100, description="what one of the cells holds")
    limit: int = Field(50, ge=1, le=200)
    cursor: int | None = Field(None, ge=-1, le=2**31 - 1)
    offset: int = Field(0, ge=0, le=2**31 - 1)


class RowChanges(RequestBody):
    """The fields to set; what is left out stays. Cells are all of a row's."""

    cells: list[Annotated[str, Field(max_length=MAX_CELL_CHARACTERS)]] = Field(
        default_factory=list, max_length=MAX_COLUMNS
    )
    is_left_out: bool = False
    approved: bool = False


class LinksMade(BaseModel):
    """How many people had no link yet and have one now."""

    made: int


# --- mail -----------------------------------------------------------------------------------


class MailMerge(RequestBody):
    """One mail to each row whose video is ready and that has had none; braces take its values.

    per_minute: how many leave in a minute at most
    """

    subject: Annotated[Annotated[str, Field(max_length=200)] | None, OneLine] = None
    note: str = Field("", max_length=2_000)
    language: Literal["ja", "en"] = "ja"
    per_minute: int = Field(30, ge=1, le=600)
    reply_to_me: bool = True


class MailMergeBody(BaseModel):
    """How many mails were queued, and why others were not.

    had_one:  where an address is written to once, rows of one that another row has count too
    no_value: a placeholder of subject or note has nothing to stand for it
    """

    queued: int = 0
    last_leaves_at: datetime | None = None
    had_one: int = 0
    suppressed: int = 0
    not_ready: int = 0
    no_address: int = 0
    no_value: int = 0


def problem_of(column: str | None, code: str, detail: str) -> dict[str, Any]:
    """Return a row's problem as its row keeps it."""
    return RowProblem(column=column, code=code, detail=detail).model_dump()
