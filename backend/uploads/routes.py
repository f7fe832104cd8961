"""`/api/v1/uploads`."""

from fastapi import APIRouter, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.datastructures import FormData, UploadFile

from backend.api_keys.access import UploaderDep
from backend.db import utc_now
from backend.dependencies import Collaborators, CollaboratorsDep, SessionDep
from backend.idempotency.route import IdempotentRoute
from backend.problems import NotFound
from backend.storage.response import StoredFileResponse
from backend.uploads import completion, parts, service, whole
from backend.uploads.models import Upload, UploadKind
from backend.uploads.schemas import (
    Completion,
    FetchOrder,
    NewUpload,
    Part,
    PartAddress,
    PartRequest,
    UploadBody,
    upload_body,
)

router = APIRouter(tags=["uploads"], route_class=IdempotentRoute)
# To the holder of a signed address; a part that is sent again is the same part.
signed_router = APIRouter(tags=["uploads"])
# What is larger is sent in parts: they can be sent again one by one.
MAX_WHOLE_BYTES = 40_000_000
FILE_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["kind", "file"],
                    "properties": {
                        "kind": {"type": "string", "enum": [str(kind) for kind in UploadKind]},
                        "file": {"type": "string", "format": "binary"},
                    },
                }
            }
        },
    }
}


@router.post("/uploads", status_code=201)
def create_upload(
    body: NewUpload, account: UploaderDep, session: SessionDep, app: CollaboratorsDep
) -> UploadBody:
    """Announce a file; its parts come next."""
    return upload_body(_announce(session, app, account.id, body))


def _announce(session: Session, app: Collaborators, account_id: str, new: NewUpload) -> Upload:
    allowed = app.settings
    return service.create_upload(
        session, account_id, allowed.upload_lifetime_s, allowed.upload_quota_bytes, new
    )


@router.post(
    "/uploads/files",
    status_code=201,
    openapi_extra=FILE_FORM,
    max_body_size=MAX_WHOLE_BYTES + 64 * 1024,
)
async def send_file(request: Request, account: UploaderDep, app: CollaboratorsDep) -> UploadBody:
    """Send a file of at most 40 MB in one request, and have it decoded."""
    # Read here and not by the framework: nobody's bytes are taken before the caller is known.
    async with request.form(max_files=1, max_fields=2) as form:
        new, file = _whole_file(form)

        def announce(session: Session) -> Upload:
            return _announce(session, app, account.id, new)

        return upload_body(
            await run_in_threadpool(
                whole.send_whole, app.sessions, app.storage, account.id, announce, file.file
            )
        )


def _whole_file(form: FormData) -> tuple[NewUpload, UploadFile]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        missing = {"type": "missing", "loc": ("body", "file"), "msg": "There is no file."}
        raise RequestValidationError([missing])
    fields = {"kind": form.get("kind"), "filename": file.filename or "file"}
    try:
        return NewUpload.model_validate(fields | {"size_bytes": file.size or 0}), file
    except ValidationError as error:
        located = [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        raise RequestValidationError(located) from error


@router.post("/uploads/fetches", status_code=201)
def fetch_file(body: FetchOrder, account: UploaderDep, app: CollaboratorsDep) -> UploadBody:
    """Fetch a file from an address on the open internet, and have it decoded."""

    def announce(session: Session, new: NewUpload) -> Upload:
        return _announce(session, app, account.id, new)

    made = whole.fetch_upload(app.sessions, app.storage, account.id, announce, body)
    return upload_body(made)


@router.get("/uploads/{upload_id}")
def get_upload(upload_id: str, account: UploaderDep, app: CollaboratorsDep) -> UploadBody:
    """Return the upload and the parts held: what is missing can be sent."""
    with app.readers() as session:
        upload = service.get_upload(session, account.id, upload_id)
        noted = list(upload.parts)
    return upload_body(upload, parts.held_parts(app.storage, upload, noted))


@router.post("/uploads/{upload_id}/parts")
def address_part(
    upload_id: str, body: PartRequest, account: UploaderDep, app: CollaboratorsDep
) -> PartAddress:
    """Return the signed address to which one part is PUT."""
    with app.readers() as session:
        upload = service.get_upload(session, account.id, upload_id)
    return parts.address_part(app.sessions, app.storage, upload, body, address_rules(app))


def address_rules(app: Collaborators) -> parts.AddressRules:
    """Return how this installation signs addresses."""
    return parts.AddressRules(app.settings.signing_secret, app.settings.upload_quota_bytes)


@signed_router.put("/uploads/{upload_id}/parts/{number}")
async def put_part(
    upload_id: str,
    number: int,
    expires: int,
    signature: str,
    request: Request,
    app: CollaboratorsDep,
    sha256: str = "",
) -> Part:
    """Take a part's bytes. The signature in the address is the leave to do so."""
    permit = parts.PartPermit(upload_id, number, expires, sha256)
    parts.require_permit(permit, signature, app.settings.signing_secret, utc_now())
    quota_bytes = app.settings.upload_quota_bytes
    wanted = await run_in_threadpool(parts.expected_size, app.readers, permit, quota_bytes)
    # Keeping it waits for the disk or the bucket, and nobody else may wait with it.
    writing = app.storage.writing(parts.part_key(upload_id, number))
    async with contextmanager_in_threadpool(writing) as draft:
        part = await parts.receive_part(request.stream(), draft, wanted, sha256)
        await run_in_threadpool(
            parts.require_room, app.readers, permit, part.size_bytes, quota_bytes
        )
    await run_in_threadpool(parts.keep_part, app.sessions, app.storage, permit, part)
    return Part(number=number, size_bytes=part.size_bytes, sha256=part.sha256)


@router.post("/uploads/{upload_id}/complete")
def complete_upload(
    upload_id: str, account: UploaderDep, app: CollaboratorsDep, body: Completion | None = None
) -> UploadBody:
    """Join and decode the file. A file that can't be used is refused and deleted."""
    size_bytes = body.size_bytes if body is not None else None
    made = completion.complete_upload(app.sessions, app.storage, account.id, upload_id, size_bytes)
    return upload_body(made)


@router.get("/uploads/{upload_id}/content", response_class=FileResponse)
def get_upload_content(
    upload_id: str, account: UploaderDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the picture, WAV or video that was made of the upload."""
    upload = service.get_upload(session, account.id, upload_id)
    missing = NotFound.named("upload_id", "There is nothing of this upload to show.")
    if not upload.has_content:
        raise missing
    return StoredFileResponse(
        app.storage,
        service.kept_key(upload),
        missing,
        media_type=service.content_type(upload),
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )


@router.delete("/uploads/{upload_id}", status_code=204)
def delete_upload(upload_id: str, account: UploaderDep, app: CollaboratorsDep) -> None:
    """Remove the upload and its bytes."""
    service.delete_upload(app.sessions, app.storage, account.id, upload_id)


router.include_router(signed_router)
