"""What recipients answer, without an account: text, or a recording sent in parts."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from backend.db import purge_deleted, utc_now
from backend.ids import new_id
from backend.messages.models import Message
from backend.problems import Conflict, FieldError, Invalid, NotFound, Problem, TooLarge
from backend.shares.access import Visit
from backend.shares.audience import touch_audience
from backend.shares.models import Audience, Reply, ReplyKind, Share
from backend.shares.refusals import OwnMessage, SwitchedOff
from backend.shares.schemas import NewReply
from backend.storage import Storage, discard
from backend.uploads import service as uploads
from backend.uploads.completion import complete_upload
from backend.uploads.models import Upload, UploadKind, UploadState
from backend.uploads.schemas import NewUpload
from backend.webhooks import events as webhooks

MAX_RECORDING_S = 180.0
MAX_RECORDING_BYTES = 200_000_000
# What strangers may leave behind one link.
MAX_REPLIES = 500
MAX_UNUSED_UPLOADS = 20
_RECORDED = (UploadKind.AUDIO, UploadKind.VIDEO)


def require_replies(visit: Visit) -> None:
    """Raise unless the visitor may reply."""
    if not visit.share.allow_replies:
        raise SwitchedOff.named("replies")
    if visit.is_sender:
        raise OwnMessage("You cannot reply to yourself.")


def keep_reply(session: Session, visit: Visit, body: NewReply) -> Reply:
    """Keep a text, or a recording whose upload is complete."""
    touch_audience(session, visit.message.id)
    count = select(func.count()).select_from(Reply).where(Reply.share_id == visit.share.id)
    if (session.scalar(count) or 0) >= MAX_REPLIES:
        raise Conflict("This link takes no more replies. Ask the sender for another.")
    text = (body.text or "").strip()
    if bool(text) == (body.upload_id is not None):
        fix = "Type something, or send one recording."
        raise Invalid.field("text", "reply_empty", "There is no reply, or more than one.", fix)
    upload = _recording(session, visit, body.upload_id) if body.upload_id else None
    reply = Reply(
        id=new_id("rpl"),
        share_id=visit.share.id,
        kind=ReplyKind(upload.kind.value) if upload else ReplyKind.TEXT,
        name=body.name,
        text=text or None,
        upload_id=body.upload_id,
        duration_s=upload.duration_s if upload else None,
        created_at=utc_now(),
    )
    session.add(reply)
    session.flush()
    webhooks.message_replied(session, visit.message, reply)
    return reply


def _recording(session: Session, visit: Visit, upload_id: str) -> Upload:
    upload = uploads.get_upload(session, visit.sender.id, upload_id, guest_of=visit.share.id)
    is_used = session.scalar(select(Reply.id).where(Reply.upload_id == upload_id)) is not None
    if upload.state is not UploadState.COMPLETE or is_used:
        fix = "Send all of it, complete it, and reply with it once."
        raise Invalid.field("upload_id", "recording_unready", "This is no new recording.", fix)
    return upload


# --- a guest's upload -----------------------------------------------------------------------


def announce_recording(
    session: Session, visit: Visit, lifetime_s: int, quota_bytes: int, body: NewUpload
) -> Upload:
    """Return a new upload of a recipient's; it counts for the sender, who cannot touch it."""
    _require_recording(body)
    touch_audience(session, visit.message.id)
    unused = select(func.count()).select_from(Upload).where(Upload.guest_of == visit.share.id)
    used = select(Reply.upload_id).where(Reply.upload_id.is_not(None))
    unused = unused.where(Upload.id.not_in(used))
    if (session.scalar(unused) or 0) >= MAX_UNUSED_UPLOADS:
        raise Conflict("Too many recordings were begun here and not sent. Try again tomorrow.")
    return uploads.create_upload(
        session, visit.sender.id, lifetime_s, quota_bytes, body, guest_of=visit.share.id
    )


def _require_recording(body: NewUpload) -> None:
    if body.kind not in _RECORDED:
        fix = f"Send one of {', '.join(sorted(_RECORDED))}."
        raise Invalid.field("kind", "reply_kind", "This is no recording.", fix)
    if body.size_bytes is not None and body.size_bytes > MAX_RECORDING_BYTES:
        raise _too_large(body.kind)


def _too_large(kind: UploadKind) -> TooLarge:
    fix = f"Send one of at most {MAX_RECORDING_BYTES // 1_000_000} MB."
    message = "The recording is too large."
    return TooLarge(f"{message} {fix}", [FieldError(kind, "media_too_large", message, fix)])


def guest_upload(session: Session, visit: Visit, upload_id: str) -> Upload:
    """Return a recipient's upload of this link, or raise NotFound."""
    return uploads.get_upload(session, visit.sender.id, upload_id, guest_of=visit.share.id)


def require_small(upload: Upload, part_number: int) -> None:
    """Raise when a part lies beyond what a reply may weigh; an open end has no size before."""
    if (part_number - 1) * upload.part_size_bytes >= MAX_RECORDING_BYTES:
        raise _too_large(upload.kind)


def complete_recording(
    sessions: sessionmaker[Session],
    storage: Storage,
    visit: Visit,
    upload_id: str,
    told_bytes: int | None,
) -> Upload:
    """Join and decode a recipient's recording; one that will not do is refused and deleted."""
    upload = complete_upload(
        sessions, storage, visit.sender.id, upload_id, told_bytes, guest_of=visit.share.id
    )
    try:
        _require_playable(upload)
    except Problem:
        uploads.delete_upload(
            sessions, storage, visit.sender.id, upload_id, guest_of=visit.share.id
        )
        raise
    return upload


def _require_playable(upload: Upload) -> None:
    if (upload.size_bytes or 0) > MAX_RECORDING_BYTES:
        raise _too_large(upload.kind)
    if (upload.duration_s or 0.0) > MAX_RECORDING_S:
        fix = f"Send one of at most {MAX_RECORDING_S / 60:.0f} minutes."
        raise Invalid.field(upload.kind, "media_too_long", "The recording is too long.", fix)
    if not upload.has_content:
        message, fix = "Not every browser can play this.", "Record it here, in your browser."
        raise Invalid.field(upload.kind, "recording_unplayable", message, fix)


def drop_recording(
    sessions: sessionmaker[Session], storage: Storage, visit: Visit, upload_id: str
) -> None:
    """Remove a recipient's recording that was not sent; a reply is the sender's to delete."""
    with sessions() as session:
        guest_upload(session, visit, upload_id)  # or the refusal below would tell of other links'
        is_sent = session.scalar(select(Reply.id).where(Reply.upload_id == upload_id)) is not None
    if is_sent:
        raise Conflict("This recording was sent as a reply.")
    uploads.delete_upload(sessions, storage, visit.sender.id, upload_id, guest_of=visit.share.id)


# --- the sender's side ----------------------------------------------------------------------


@dataclass(frozen=True)
class Recording:
    """A reply's file and its media type."""

    key: str
    media_type: str | None


def list_replies(session: Session, message_id: str) -> list[tuple[Reply, str | None]]:
    """Return the replies to a message with their recordings' media types, newest first."""
    query = (
        select(Reply, Upload)
        .join(Share, Share.id == Reply.share_id)
        .outerjoin(Upload, Upload.id == Reply.upload_id)
        .where(Share.message_id == message_id)
        .order_by(Reply.id.desc())
    )
    return [
        (reply, uploads.content_type(upload) if upload is not None else None)
        for reply, upload in session.execute(query)
    ]


def recording_of(session: Session, account_id: str, reply_id: str) -> Recording:
    """Return the file of a recorded reply to the account's own message, or raise NotFound."""
    reply = _own_reply(session, account_id, reply_id)
    if reply.upload_id is None:
        raise NotFound.named("reply_id", "This reply is no recording.")
    upload = uploads.get_upload(session, account_id, reply.upload_id, guest_of=reply.share_id)
    return Recording(uploads.kept_key(upload), uploads.content_type(upload))


def _own_reply(session: Session, account_id: str, reply_id: str) -> Reply:
    query = (
        select(Reply)
        .join(Share, Share.id == Reply.share_id)
        .join(Message, Message.id == Share.message_id)
        .where(Reply.id == reply_id, Message.account_id == account_id)
    )
    reply = session.scalar(query)
    if reply is None:
        raise NotFound.named("reply_id", "There is no such reply.")
    return reply


def delete_reply(
    sessions: sessionmaker[Session], storage: Storage, account_id: str, reply_id: str
) -> None:
    """Remove a reply: the row, the recording, and what the write-ahead log holds of them."""
    with sessions.begin() as session:
        reply = _own_reply(session, account_id, reply_id)
        touch_audience(session, session.get_one(Share, reply.share_id).message_id)
        session.delete(reply)
        session.execute(delete(Upload).where(Upload.id == reply.upload_id))
    if reply.upload_id is not None:
        discard(storage, f"uploads/{reply.upload_id}")
    purge_deleted(sessions)


def take_replies(session: Session, message_id: str) -> list[str]:
    """Remove what recipients sent to a message that is being deleted; return its folders.

    The audience goes first: whoever counts something meanwhile waits, and finds it gone.
    """
    session.execute(delete(Audience).where(Audience.message_id == message_id))
    links = select(Share.id).where(Share.message_id == message_id)
    session.execute(delete(Reply).where(Reply.share_id.in_(links)))
    sent = session.scalars(select(Upload).where(Upload.guest_of.in_(links))).all()
    for upload in sent:
        session.delete(upload)
    session.flush()
    return [f"uploads/{upload.id}" for upload in sent]


def uploads_in_use(session: Session) -> set[str]:
    """Return the uploads that replies consist of: they stay as long as the reply."""
    return {found for found in session.scalars(select(Reply.upload_id)) if found is not None}
