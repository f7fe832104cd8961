"""Speech on the wire while it is being spoken."""

import base64
import json
from collections.abc import Iterator
from itertools import chain

from openvoice_service.audio import Waveform
from openvoice_service.formats import stream_encoder
from openvoice_service.synthesis import SAMPLE_RATE_HZ


def encoded(waves: Iterator[Waveform], audio_format: str) -> Iterator[bytes]:
    """Yield the encoded stream, a piece for each wave that gives bytes, and the rest."""
    encoder = stream_encoder(audio_format, SAMPLE_RATE_HZ)
    for wave in waves:
        if piece := encoder.write(wave):
            yield piece
    if rest := encoder.close():
        yield rest


def as_events(pieces: Iterator[bytes], characters: int) -> Iterator[bytes]:
    """Yield OpenAI's server-sent events: speech.audio.delta for each piece, speech.audio.done."""
    for piece in pieces:
        yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()})
    usage = {"input_tokens": characters, "output_tokens": 0, "total_tokens": characters}
    yield _event({"type": "speech.audio.done", "usage": usage})


def begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Return the same pieces with the first one made: a problem can still become a status."""
    first = next(pieces, b"")
    return chain([first], pieces)


def _event(body: dict[str, object]) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()
