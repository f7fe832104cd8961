"""Lengths read from the voice's file are those that the engine speaks."""

from pathlib import Path

import pyopenjtalk
import pytest

from openvoice_service.base_voices.durations import Durations

FRAME_SAMPLES = 240


@pytest.fixture(scope="module")
def durations() -> Durations:
    name = pyopenjtalk.DEFAULT_HTS_VOICE
    return Durations.read(Path(name.decode() if isinstance(name, bytes) else name))


@pytest.mark.parametrize(
    "text",
    [
        "お誕生日おめでとうございます。", "えっ？ちょっと、待って……", "東京特許許可局の局長", "あ",
        "ヴァイオリンとティーカップ、ファンファーレ。", "きゃりーぱみゅぱみゅ、行って切って。",
    ],
)  # fmt: skip
def test_each_label_is_as_long_as_the_engine_speaks_it(text: str, durations: Durations) -> None:
    labels = pyopenjtalk.extract_fullcontext(text)
    alone = [len(pyopenjtalk.synthesize([label])[0]) for label in labels]
    assert [durations.frames(label) * FRAME_SAMPLES for label in labels] == alone
    assert sum(alone) == len(pyopenjtalk.synthesize(labels)[0])


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (b"NUM_STREAMS:3\n", "NUM_STATES"),
        (b"NUM_STATES:5\n", "DURATION_TREE"),
        (b"NUM_STATES:5\nDURATION_TREE:0-3\nDURATION_PDF:4-7\n", "too soon"),
    ],
)
def test_a_file_of_another_kind_is_refused(header: bytes, says: str, tmp_path: Path) -> None:
    other = tmp_path / "voice.htsvoice"
    other.write_bytes(b"[GLOBAL]\n" + header + b"[DATA]\n\0\0\0\0\x01\0\0\0")
    with pytest.raises(ValueError, match=says):
        Durations.read(other)
