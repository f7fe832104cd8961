"""`/api/v1/campaigns`: what they are, their lists and their rows."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session
from starlette.datastructures import UploadFile

from backend.accounts.models import Account
from backend.api_keys.access import (
    CampaignMailerDep,
    CampaignReaderDep,
    CampaignWriterDep,
    SessionOrKey,
)
from backend.api_keys.scopes import Scope
from backend.campaigns import lists, mailing, removal, results, rows, service
from backend.campaigns.importing import ImportedList, read_list, read_pasted
from backend.campaigns.models import Campaign
from backend.campaigns.rows import Links
from backend.campaigns.schemas import (
    CampaignBody,
    CampaignChanges,
    CampaignList,
    CampaignSummary,
    LinksMade,
    MailMerge,
    MailMergeBody,
    NewCampaign,
    PastedList,
    RowBody,
    RowChanges,
    RowList,
    RowsQuery,
)
from backend.campaigns.state import CampaignState
from backend.dependencies import (
    Collaborators,
    CollaboratorsDep,
    CursorQuery,
    LimitQuery,
    SessionDep,
)
from backend.idempotency.route import IdempotentRoute
from backend.mail.service import office_of
from backend.problems import Invalid
from backend.queries import ByQuery
from backend.revisions import CHANGED, IfMatch, tag


class CsvResponse(StreamingResponse):
    """A table that leaves as it is made."""

    media_type = "text/csv"


CampaignSharerDep = Annotated[
    Account, Depends(SessionOrKey(Scope.CAMPAIGNS_WRITE, Scope.SHARES_WRITE))
]
router = APIRouter(tags=["campaigns"], route_class=IdempotentRoute)
LIST_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
            "application/json": {"schema": PastedList.model_json_schema()},
        },
    }
}


@router.post("/campaigns", status_code=201)
def create_campaign(
    body: NewCampaign, account: CampaignWriterDep, session: SessionDep, response: Response
) -> CampaignBody:
    """Begin a campaign; its template is a copy of a message, or an empty one."""
    return _tagged(response, session, service.create_campaign(session, account, body))


@router.get("/campaigns")
def list_campaigns(
    account: CampaignReaderDep,
    session: SessionDep,
    state: CampaignState | None = None,
    limit: LimitQuery = 50,
    cursor: CursorQuery = None,
) -> CampaignList:
    """Return the account's campaigns, newest first."""
    page = service.list_campaigns(session, account.id, state, limit, cursor)
    counts = service.count_rows(session, [campaign.id for campaign in page.items])
    items = [
        CampaignSummary.model_validate(
            {**vars(campaign), "counts": counts[campaign.id]}, extra="ignore"
        )
        for campaign in page.items
    ]
    return CampaignList(items=items, next_cursor=page.next_cursor)


@router.get("/campaigns/{campaign_id}")
def get_campaign(
    campaign_id: str, account: CampaignReaderDep, app: CollaboratorsDep, response: Response
) -> CampaignBody:
    """Return one campaign, its rows judged by the template as it stands now."""
    return _judged_body(app, account, campaign_id, response)


@router.patch("/campaigns/{campaign_id}", responses=CHANGED)
def change_campaign(
    campaign_id: str,
    body: CampaignChanges,
    account: CampaignWriterDep,
    app: CollaboratorsDep,
    response: Response,
    if_match: IfMatch = None,
) -> CampaignBody:
    """Set its name, or, of a draft, what its columns are used for."""
    with app.sessions.begin() as session:
        service.change_campaign(session, account.id, campaign_id, body, if_match)
    return _judged_body(app, account, campaign_id, response)


def _judged_body(
    app: Collaborators, account: Account, campaign_id: str, response: Response
) -> CampaignBody:
    lists.judge_again(app.sessions, app.readers, app.speech, account.id, campaign_id)
    with app.readers() as session:
        campaign = service.get_campaign(session, account.id, campaign_id)
        return _tagged(response, session, campaign)


def _tagged(response: Response, session: Session, campaign: Campaign) -> CampaignBody:
    body = service.campaign_body(session, campaign)
    tag(response, body.revision)
    return body


@router.delete("/campaigns/{campaign_id}", status_code=204)
def delete_campaign(campaign_id: str, account: CampaignWriterDep, app: CollaboratorsDep) -> None:
    """Delete a campaign with its list, its template and all videos that were made for it."""
    removal.delete_campaign(app.sessions, app.storage, app.speech, account.id, campaign_id)


async def _sent_list(request: Request) -> tuple[bytes | str, str]:
    """Return what was sent, a file's bytes or a text, and the file's name."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=1) as form:
            file = form.get("file")
            if isinstance(file, UploadFile):
                return await file.read(), file.filename or ""
        raise Invalid.field("file", "missing", "There is no file.", "Send one as `file`.")
    try:
        return PastedList.model_validate_json(await request.body()).text, ""
    except ValueError:
        fix = 'Send a file as multipart/form-data, or {"text": "…"} as JSON.'
        raise Invalid.field("text", "missing", "There is no list.", fix) from None


@router.put("/campaigns/{campaign_id}/list", openapi_extra=LIST_FORM, responses=CHANGED)
def put_list(
    campaign_id: str,
    account: CampaignWriterDep,
    app: CollaboratorsDep,
    sent: Annotated[tuple[bytes | str, str], Depends(_sent_list)],
    response: Response,
    if_match: IfMatch = None,
) -> CampaignBody:
    """Give a draft its list: a CSV, TSV or XLSX file, or a text; it replaces the one before."""
    given = _read(*sent)
    lists.replace_list(
        app.sessions, app.readers, app.speech, account.id, campaign_id, given, if_match
    )
    return _judged_body(app, account, campaign_id, response)


def _read(sent: bytes | str, filename: str) -> ImportedList:
    return read_pasted(sent) if isinstance(sent, str) else read_list(sent, filename)


# --- rows -----------------------------------------------------------------------------------


@router.get("/campaigns/{campaign_id}/rows")
def list_rows(
    campaign_id: str,
    account: CampaignReaderDep,
    app: CollaboratorsDep,
    wanted: Annotated[RowsQuery, Depends(ByQuery(RowsQuery))],
) -> RowList:
    """Return rows in the list's order, from a cursor or a place on."""
    lists.judge_again(app.sessions, app.readers, app.speech, account.id, campaign_id)
    with app.readers() as session:
        campaign = service.get_campaign(session, account.id, campaign_id)
        return rows.list_rows(session, links_of(app), campaign, wanted)


@router.get("/campaigns/{campaign_id}/rows/{row_id}")
def get_row(
    campaign_id: str,
    row_id: str,
    account: CampaignReaderDep,
    app: CollaboratorsDep,
    response: Response,
) -> RowBody:
    """Return one row."""
    lists.judge_again(app.sessions, app.readers, app.speech, account.id, campaign_id)
    return _row_body(app, account, campaign_id, row_id, response)


@router.patch("/campaigns/{campaign_id}/rows/{row_id}", responses=CHANGED)
def change_row(
    campaign_id: str,
    row_id: str,
    body: RowChanges,
    account: CampaignWriterDep,
    app: CollaboratorsDep,
    response: Response,
    if_match: IfMatch = None,
) -> RowBody:
    """Correct a row, leave it out or take it in again, or approve its video."""
    seen = lists.SeenRow(row_id, if_match)
    lists.change_row(app.sessions, app.readers, app.speech, account.id, campaign_id, seen, body)
    return _row_body(app, account, campaign_id, row_id, response)


def _row_body(
    app: Collaborators, account: Account, campaign_id: str, row_id: str, response: Response
) -> RowBody:
    with app.readers() as session:
        campaign = service.get_campaign(session, account.id, campaign_id)
        row = lists.get_row(session, campaign, row_id)
        body = rows.get_body(session, links_of(app), campaign, row.id)
    tag(response, body.revision)
    return body


# --- what becomes of it ---------------------------------------------------------------------


@router.get("/campaigns/{campaign_id}/results.csv", response_class=CsvResponse)
def get_results(
    campaign_id: str, account: CampaignReaderDep, app: CollaboratorsDep
) -> StreamingResponse:
    """Return all rows with state, link if any, who watched and replied, as CSV in UTF-8."""
    pieces = results.results_csv(app.readers, links_of(app), account.id, campaign_id)
    return CsvResponse(
        pieces, headers={"Content-Disposition": 'attachment; filename="results.csv"'}
    )


@router.post("/campaigns/{campaign_id}/links")
def make_links(campaign_id: str, account: CampaignSharerDep, app: CollaboratorsDep) -> LinksMade:
    """Give each person whose video is ready a link of their own, unless they have one."""
    key = app.settings.signing_secret
    return LinksMade(made=mailing.give_links(app.sessions, key, account.id, campaign_id))


@router.post("/campaigns/{campaign_id}/send", status_code=202)
def send_campaign(
    campaign_id: str, body: MailMerge, account: CampaignMailerDep, app: CollaboratorsDep
) -> MailMergeBody:
    """Write to each row whose video is ready and that had no mail yet, at a rate."""
    key = app.settings.signing_secret
    return mailing.send_to_all(app.sessions, key, office_of(app), account, campaign_id, body)


def links_of(app: Collaborators) -> Links:
    """Return what this installation's links are made of."""
    return Links(app.settings.public_url, app.settings.signing_secret)
