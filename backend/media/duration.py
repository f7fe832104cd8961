"""How long a file of ours lasts, from its own header: a process in the jail would take longer."""

import struct
from pathlib import Path

_HEAD_BYTES = 65_536
# EBML ids with their sizes (RFC 8794; Matroska's Info): both stand once, near the beginning.
_SCALE, _DURATION = b"\x2a\xd7\xb1\x83", b"\x44\x89\x88"


def written_duration_s(path: Path) -> float | None:
    """Return the seconds that our muxer wrote into an MP4 (moov first) or Matroska header."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    try:
        return _of_mp4(head) if head[4:8] == b"ftyp" else _of_matroska(head)
    except (ValueError, struct.error):
        return None


def _of_mp4(head: bytes) -> float:
    """Read the movie header (ISO/IEC 14496-12, 8.2.2)."""
    at = head.index(b"mvhd") + 4
    wide = head[at] == 1
    timescale, duration = struct.unpack_from(
        ">IQ" if wide else ">II", head, at + (20 if wide else 12)
    )
    return float(duration / timescale) if timescale else 0.0


def _of_matroska(head: bytes) -> float:
    at = head.index(_SCALE) + len(_SCALE)
    scale_ns = int.from_bytes(head[at : at + 3], "big")
    (units,) = struct.unpack_from(">d", head, head.index(_DURATION) + len(_DURATION))
    return float(units * scale_ns / 1e9)
