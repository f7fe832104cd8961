"""`/api/v1/messages/{id}/emails`, `/api/v1/emails`: mails to recipients and what became of them."""

from fastapi import APIRouter
from sqlalchemy.orm import Session

from backend.api_keys.access import MailerDep, ShareReaderDep
from backend.dependencies import CollaboratorsDep, SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.mail import service
from backend.mail.models import Email, EmailState
from backend.mail.schemas import EmailBody, EmailList, EmailProblem, NewEmails
from backend.mail.service import office_of
from backend.messages import service as messages
from backend.messages.state import MessageState
from backend.shares import audience

router = APIRouter(tags=["emails"], route_class=IdempotentRoute)


@router.post("/messages/{message_id}/emails", status_code=202)
def create_emails(
    message_id: str,
    body: NewEmails,
    account: MailerDep,
    session: SessionDep,
    app: CollaboratorsDep,
) -> EmailList:
    """Write to each recipient, with a link of their own; the mails leave by themselves."""
    key = app.settings.signing_secret
    mails = service.send_emails(session, key, office_of(app), account, message_id, body)
    return _email_list(session, account.id, message_id, mails)


@router.get("/messages/{message_id}/emails")
def list_emails(message_id: str, account: ShareReaderDep, session: SessionDep) -> EmailList:
    """Return the mails about a message, newest first."""
    mails = service.list_emails(session, account.id, message_id)
    return _email_list(session, account.id, message_id, mails)


@router.post("/emails/{email_id}/retry", status_code=202)
def retry_email(
    email_id: str, account: MailerDep, session: SessionDep, app: CollaboratorsDep
) -> EmailBody:
    """Send a mail again that was given up."""
    email = service.retry_email(session, office_of(app), account.id, email_id)
    return _email_list(session, account.id, email.message_id, [email]).items[0]


def _email_list(
    session: Session, account_id: str, message_id: str, mails: list[Email]
) -> EmailList:
    message = messages.get_message(session, account_id, message_id)
    _, each = audience.tally(session, [email.share_id for email in mails])
    is_ready = message.state is MessageState.READY
    return EmailList(
        items=[_email_body(email, each[email.share_id], is_ready=is_ready) for email in mails]
    )


def _email_body(email: Email, tally: audience.Tally, *, is_ready: bool) -> EmailBody:
    is_queued = email.state is EmailState.QUEUED
    problem = email.problem
    return EmailBody(
        id=email.id,
        share_id=email.share_id,
        email=email.address,
        name=email.name,
        state=email.state,
        tries=email.tries,
        problem=EmailProblem(code=problem, server_code=email.server_code) if problem else None,
        next_try_at=email.due_at if is_queued and problem else None,
        waits_for_video=is_queued and not is_ready,
        created_at=email.created_at,
        sent_at=email.sent_at,
        stats=tally.numbers(),
        last_viewed_at=tally.last_viewed_at,
    )
