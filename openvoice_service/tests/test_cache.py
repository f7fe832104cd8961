"""What the speech cache keeps, for whom, and how it is got rid of."""

import os
from pathlib import Path

import numpy as np
import pytest

from openvoice_service.audio import Waveform
from openvoice_service.cache import SpeechCache, SpokenSentence, cache_key

SENTENCE = SpokenSentence(Waveform(np.zeros(2_400, np.float32), 24_000), 0.0, 0.1, ())
KEY = cache_key({"text": "x"})


def kept(cache: SpeechCache, kept_for: str, voice: str = "voice") -> bool:
    return cache.get(voice, KEY, kept_for) is not None


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "generated"


def test_what_is_forgotten_is_gone_in_every_voice_and_the_rest_stays(root: Path) -> None:
    cache = SpeechCache(root, max_bytes=10**9)
    cache.forget_all_for(["before anything was kept"])
    for voice in ("voice", "other:voice"):
        for name in ("msg_1", "msg_2", "msg_3"):
            cache.put(voice, KEY, SENTENCE, name)
    cache.forget_all_for(["msg_1", "msg_3"])
    for voice in ("voice", "other:voice"):
        assert [kept(cache, f"msg_{n}", voice) for n in (1, 2, 3)] == [False, True, False]


def test_what_was_not_asked_for_longest_goes_first_wherever_it_lies(root: Path) -> None:
    cache = SpeechCache(root, max_bytes=10**9)
    for name in ("msg_1", "msg_2"):
        cache.put("voice", KEY, SENTENCE, name)
    size = (root / "voice" / "msg_1" / KEY).stat().st_size
    before = root / "voice" / KEY  # where an earlier version kept it
    before.write_bytes(b"x" * size)
    os.utime(before, (0, 0))
    os.utime(root / "voice" / "msg_1" / KEY, (1, 1))
    SpeechCache(root, max_bytes=2 * size).evict()
    assert not before.exists()
    assert kept(cache, "msg_1")
    os.utime(root / "voice" / "msg_1" / KEY, (1, 1))
    SpeechCache(root, max_bytes=size).evict()
    assert (kept(cache, "msg_1"), kept(cache, "msg_2")) == (False, True)
