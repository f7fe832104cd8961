"""Pictures that are passed on as they are: their kind and size are read, nothing is decoded."""

import struct
from dataclasses import dataclass

MAX_EDGE_PX = 4_096
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True)
class Picture:
    """A PNG or JPEG, and what it is."""

    content: bytes
    media_type: str


def as_picture(raw: bytes) -> Picture | None:
    """Return `raw` where it begins as a picture of a sensible size does, else None."""
    if raw.startswith(_PNG) and raw[12:16] == b"IHDR" and len(raw) > 24:
        width_px, height_px = struct.unpack(">II", raw[16:24])
        is_sensible = 0 < width_px <= MAX_EDGE_PX and 0 < height_px <= MAX_EDGE_PX
        return Picture(raw, "image/png") if is_sensible else None
    return Picture(raw, "image/jpeg") if raw.startswith(_JPEG) else None
