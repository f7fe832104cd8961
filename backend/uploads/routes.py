"""`/api/v1/uploads`."""

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from backend.db import utc_now
from backend.dependencies import AccountDep, CollaboratorsDep, SessionDep
from backend.problems import NotFound
from backend.uploads import service
from backend.uploads.models import UploadState
from backend.uploads.schemas import (
    NewUpload,
    Part,
    PartAddress,
    PartRequest,
    UploadBody,
    upload_body,
)

router = APIRouter(tags=["uploads"])


@router.post("/uploads", status_code=201)
def create_upload(
    body: NewUpload, account: AccountDep, session: SessionDep, app: CollaboratorsDep
) -> UploadBody:
    """Announce a file; its parts come next."""
    lifetime_s = app.settings.upload_lifetime_s
    return upload_body(service.create_upload(session, account.id, lifetime_s, body))


@router.get("/uploads/{upload_id}")
def get_upload(upload_id: str, account: AccountDep, session: SessionDep) -> UploadBody:
    """Return the upload and the parts held: what is missing can be sent."""
    return upload_body(service.get_upload(session, account.id, upload_id))


@router.post("/uploads/{upload_id}/parts")
def address_part(
    upload_id: str,
    body: PartRequest,
    account: AccountDep,
    session: SessionDep,
    app: CollaboratorsDep,
) -> PartAddress:
    """Return the signed address to which one part is PUT."""
    upload = service.get_upload(session, account.id, upload_id)
    permit = service.permit_part(upload, body.number, body.sha256, utc_now())
    return service.part_address(permit, app.settings.signing_secret)


@router.put("/uploads/{upload_id}/parts/{number}")
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
    permit = service.PartPermit(upload_id, number, expires, sha256)
    service.require_permit(permit, signature, app.settings.signing_secret, utc_now())
    size_bytes = await run_in_threadpool(service.expected_size, app.sessions, permit)
    with app.storage.writing(service.part_key(upload_id, number)) as draft:
        digest = await service.receive_part(request.stream(), draft, size_bytes, sha256)
    await run_in_threadpool(service.keep_part, app.sessions, permit, size_bytes, digest)
    return Part(number=number, size_bytes=size_bytes, sha256=digest)


@router.post("/uploads/{upload_id}/complete")
def complete_upload(upload_id: str, account: AccountDep, app: CollaboratorsDep) -> UploadBody:
    """Join and decode the file. A file that can't be used is refused and deleted."""
    return upload_body(service.complete_upload(app.sessions, app.storage, account.id, upload_id))


@router.get("/uploads/{upload_id}/content", response_class=FileResponse)
def get_upload_content(
    upload_id: str, account: AccountDep, session: SessionDep, app: CollaboratorsDep
) -> FileResponse:
    """Return the picture or WAV that was made of the upload."""
    upload = service.get_upload(session, account.id, upload_id)
    if upload.state is not UploadState.COMPLETE:
        raise NotFound.named("upload_id", "This upload is not complete.")
    path = app.storage.path(service.content_key(upload.id, upload.kind))
    headers = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return FileResponse(path, media_type=service.CONTENT_TYPE[upload.kind], headers=headers)


@router.delete("/uploads/{upload_id}", status_code=204)
def delete_upload(upload_id: str, account: AccountDep, app: CollaboratorsDep) -> None:
    """Remove the upload and its bytes."""
    service.delete_upload(app.sessions, app.storage, account.id, upload_id)
