"""Uploads: a photo of Hanako, and the recording that she replies with."""

from typing import Any

from backend.examples import known
from backend.examples.shape import Examples
from backend.uploads.schemas import (
    Completion,
    FetchOrder,
    NewUpload,
    Part,
    PartAddress,
    PartRequest,
    UploadBody,
)

CROP = {
    "left": 0.0,
    "top": 0.08,
    "width": 1.0,
    "height": 0.75,
    "focus_x": 0.48,
    "focus_y": 0.44,
}
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_OPEN: dict[str, Any] = {
    "id": known.PHOTO,
    "kind": "photo",
    "state": "open",
    "filename": "花子さん.jpg",
    "size_bytes": 2_483_112,
    "part_size_bytes": 8_388_608,
    "parts": [],
    "photo": None,
    "audio": None,
    "video": None,
    "content_url": None,
    "expires_at": "2026-05-11T00:55:00Z",
}
_PHOTO = _OPEN | {
    "state": "complete",
    "photo": {
        "width_px": 2048,
        "height_px": 1536,
        "was_turned": False,
        "faces": 1,
        "frames": {
            "16:9": {"is_soft": False, "crop": CROP},
            "9:16": {"is_soft": False, "crop": None},
            "1:1": {"is_soft": False, "crop": None},
        },
    },
    "content_url": f"/api/v1/uploads/{known.PHOTO}/content",
}
_REPLY_OPEN = _OPEN | {
    "id": known.REPLY_RECORDING,
    "kind": "audio",
    "filename": "お返事.webm",
    "size_bytes": 183_402,
    "expires_at": "2026-05-12T11:00:00Z",
}
_REPLY_PART = {"number": 1, "size_bytes": 183_402, "sha256": _SHA256}
_REPLY = _REPLY_OPEN | {
    "state": "complete",
    "audio": {"duration_s": 11.4},
}


def _address(path: str, expires_at: str) -> dict[str, Any]:
    return {
        "url": f"{path}/parts/1?expires=1778378100&signature={'0' * 64}",
        "method": "PUT",
        "headers": {"Content-Type": "application/octet-stream"},
        "expires_at": expires_at,
    }


EXAMPLES = Examples(
    of_models={
        NewUpload: {
            "kind": "photo",
            "filename": "花子さん.jpg",
            "size_bytes": 2_483_112,
            "content_type": "image/jpeg",
        },
        FetchOrder: {
            "kind": "photo",
            "url": "https://photos.example.com/hanako.jpg",
            "filename": "花子さん.jpg",
        },
        Completion: {"size_bytes": 2_483_112},
        UploadBody: _PHOTO,
        PartRequest: {"number": 1},
        Part: {"number": 1, "size_bytes": 2_483_112, "sha256": _SHA256},
        PartAddress: _address(f"/api/v1/uploads/{known.PHOTO}", "2026-05-10T01:55:00Z"),
    },
    of_operations={
        "createUpload.201": _OPEN,
        "createGuestUpload.request": {
            "kind": "audio",
            "filename": "お返事.webm",
            "size_bytes": 183_402,
            "content_type": "audio/webm",
        },
        "createGuestUpload.201": _REPLY_OPEN,
        "getGuestUpload.200": _REPLY_OPEN | {"parts": [_REPLY_PART]},
        "completeGuestUpload.request": {"size_bytes": 183_402},
        "completeGuestUpload.200": _REPLY,
        "addressGuestPart.200": _address(
            f"/api/v1/uploads/{known.REPLY_RECORDING}", "2026-05-11T12:00:00Z"
        ),
    },
)
