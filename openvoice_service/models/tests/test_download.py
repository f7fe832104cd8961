"""Weights arrive whole and as published, or not at all, whatever the server does."""

import hashlib
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from openvoice_service.models.download import TRIES, fetch
from openvoice_service.models.manifest import KOKORO_VOICE_BYTES, MODELS, File
from openvoice_service.models.sources import DownloadFailed, Hub, OfflineFolder
from openvoice_service.models.tests.hub import (
    CONTENT,
    FILE,
    MODEL,
    Answer,
    Asked,
    cut_after,
    serving,
    status,
    whole,
)


def bring(folder: Path, *answers: Answer, waits: list[float] | None = None) -> list[int]:
    """Fetch from a hub that gives these answers; return the bytes asked for first."""
    with serving(*answers) as hub:
        try:
            fetch(
                MODEL,
                FILE,
                folder,
                Hub(hub.endpoint),
                sleep=([] if waits is None else waits).append,
            )
        finally:
            assert set(hub.paths) <= {"/owner/small/resolve/abc123/onnx/small.onnx"}
    return hub.firsts


def held(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.rglob("*") if path.is_file()}


def assert_whole(folder: Path) -> None:
    assert held(folder) == {"small.onnx": len(CONTENT)}
    assert (folder / "small" / "small.onnx").read_bytes() == CONTENT


def test_a_file_is_fetched_once_and_not_again(tmp_path: Path) -> None:
    assert bring(tmp_path) == [0]
    assert_whole(tmp_path)
    assert bring(tmp_path) == []


def test_a_cut_connection_is_resumed_from_the_bytes_held(tmp_path: Path) -> None:
    waits: list[float] = []
    assert bring(tmp_path, cut_after(100_000), cut_after(50_000), whole, waits=waits) == [
        0,
        100_000,
        150_000,
    ]
    assert_whole(tmp_path)
    assert waits == [1.0, 1.0]


def test_a_server_that_brings_nothing_is_given_up_and_what_came_is_kept(tmp_path: Path) -> None:
    waits: list[float] = []
    with pytest.raises(DownloadFailed, match=r"100,000 of 300,000 bytes .* are kept"):
        bring(tmp_path, cut_after(100_000), cut_after(0), waits=waits)
    assert held(tmp_path) == {"small.onnx.part": 100_000}
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0][: TRIES - 1]
    assert bring(tmp_path) == [100_000]
    assert_whole(tmp_path)


def ignore_range(asked: Asked) -> None:
    asked.first = 0
    asked.send(CONTENT)


def test_a_server_that_ignores_the_range_begins_again(tmp_path: Path) -> None:
    assert bring(tmp_path, cut_after(100_000), ignore_range) == [0, 100_000]
    assert_whole(tmp_path)


def wrong_byte(asked: Asked) -> None:
    spoilt = bytearray(CONTENT)
    spoilt[200_000] ^= 1
    asked.send(bytes(spoilt[asked.first :]))


def unmeasured_and_too_long(asked: Asked) -> None:
    asked.reply(200, connection="close")
    asked.handler.wfile.write(CONTENT + b"more")
    asked.handler.close_connection = True


@pytest.mark.parametrize("answer", [wrong_byte, unmeasured_and_too_long])
def test_wrong_bytes_are_refused_and_thrown_away(tmp_path: Path, answer: Answer) -> None:
    with pytest.raises(DownloadFailed, match="not what was published"):
        bring(tmp_path, answer)
    assert held(tmp_path) == {}
    assert bring(tmp_path) == [0]
    assert_whole(tmp_path)


def another_part(asked: Asked) -> None:
    asked.first += 5
    asked.send(CONTENT[asked.first :])


def no_part_named(asked: Asked) -> None:
    asked.reply(206, content_length=5)
    asked.handler.wfile.write(b"12345")


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([lambda asked: asked.send(CONTENT[:1000])], "has 1,000 bytes"),
        ([lambda asked: asked.send(CONTENT + b"more")], "has 300,004 bytes"),
        ([cut_after(100_000), another_part], "another part of the file"),
        ([cut_after(100_000), no_part_named], "does not say which bytes"),
        ([cut_after(100_000), status(416)], "fewer bytes of the file"),
        ([status(404)], "has no such file"),
        ([status(401)], "to strangers"),
    ],
)
def test_a_server_that_lies_or_refuses_is_not_asked_again(
    tmp_path: Path, answers: list[Answer], reason: str
) -> None:
    with pytest.raises(DownloadFailed, match=reason):
        bring(tmp_path, *answers)
    assert "small.onnx" not in held(tmp_path)


def test_a_busy_server_is_asked_again_when_it_says(tmp_path: Path) -> None:
    waits: list[float] = []
    answers = [status(503), status(429, retry_after="7"), status(500, retry_after="99999"), whole]
    assert bring(tmp_path, *answers, waits=waits) == [0, 0, 0, 0]
    assert waits == [1.0, 7.0, 60.0]
    assert_whole(tmp_path)


def test_nobody_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with serving() as hub:
        endpoint = hub.endpoint
    with pytest.raises(DownloadFailed, match=r"The connection to 127\.0\.0\.1 broke off"):
        fetch(MODEL, FILE, tmp_path, Hub(endpoint), sleep=lambda _: None)
    with pytest.raises(DownloadFailed, match="must begin with https://"):
        Hub("hub.example.org")


def test_a_redirect_keeps_the_range(tmp_path: Path) -> None:
    with serving(cut_after(1000), whole) as there:
        path = "/owner/small/resolve/abc123/onnx/small.onnx"

        def elsewhere(asked: Asked) -> None:
            asked.reply(302, location=there.endpoint + path, content_length=0)

        assert bring(tmp_path, elsewhere) == [0, 1000]
        assert there.firsts == [0, 1000]
    assert_whole(tmp_path)


def test_a_full_disk_is_noticed_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = SimpleNamespace(total=10**12, used=10**12 - 10**6, free=10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(DownloadFailed, match=r"needs 67 MB .* 1 MB are free"):
        bring(tmp_path)


def test_a_file_of_ones_own_under_the_name_is_kept_beside_it(tmp_path: Path) -> None:
    own = tmp_path / "small" / "small.onnx"
    own.parent.mkdir()
    own.write_bytes(b"my own")
    bring(tmp_path)
    assert own.read_bytes() == CONTENT
    assert own.with_name("small.onnx.kept").read_bytes() == b"my own"


def test_an_offline_folder_passes_the_same_checks(tmp_path: Path) -> None:
    bring(tmp_path / "brought")
    source = OfflineFolder(tmp_path / "brought")
    fetch(MODEL, FILE, tmp_path / "here", source)
    assert_whole(tmp_path / "here")
    copy = tmp_path / "brought" / "small" / "small.onnx"
    copy.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(DownloadFailed, match="not what was published"):
        fetch(MODEL, FILE, tmp_path / "there", source)
    copy.write_bytes(CONTENT[:-1])
    with pytest.raises(DownloadFailed, match="another size"):
        fetch(MODEL, FILE, tmp_path / "there", source)
    copy.unlink()
    with pytest.raises(DownloadFailed, match="is missing from the folder"):
        fetch(MODEL, FILE, tmp_path / "there", source)
    with pytest.raises(DownloadFailed, match="There is no folder"):
        OfflineFolder(tmp_path / "nowhere")


_FETCH = """
import sys
from pathlib import Path
from openvoice_service.models.download import fetch
from openvoice_service.models.sources import Hub
from openvoice_service.models.tests.hub import FILE, MODEL
fetch(MODEL, FILE, Path(sys.argv[1]), Hub(sys.argv[2]))
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_kill_leaves_a_part_that_is_continued(tmp_path: Path) -> None:
    released = threading.Event()

    def stall(asked: Asked) -> None:
        asked.reply(200, content_length=len(CONTENT))
        asked.handler.wfile.write(CONTENT[:270_000])
        asked.handler.wfile.flush()
        released.wait(20)

    with serving(stall) as hub:
        process = subprocess.Popen([sys.executable, "-c", _FETCH, str(tmp_path), hub.endpoint])
        part = tmp_path / "small" / "small.onnx.part"
        until(lambda: part.exists() and part.stat().st_size > 0)
        with pytest.raises(DownloadFailed, match="being fetched already"):
            bring(tmp_path)
        process.send_signal(signal.SIGKILL)
        process.wait()
        released.set()
    kept = held(tmp_path)["small.onnx.part"]
    assert list(held(tmp_path)) == ["small.onnx.part"]
    assert bring(tmp_path) == [kept]
    assert_whole(tmp_path)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_published_file_is_pinned(model) -> None:
    assert len(model.revision) == 40
    assert len({file.target for file in model.files}) == len(model.files)
    for file in model.files:
        assert isinstance(file, File)
        assert int(file.sha256, 16).bit_length() > 200
        assert len(file.sha256) == 64
        assert not Path(file.target).is_absolute()
        assert ".." not in file.target
        if file.target.endswith(".bin"):
            assert file.size == KOKORO_VOICE_BYTES


def test_the_converters_config_is_the_one_that_is_pinned() -> None:
    config = pytest.importorskip("openvoice_service.engines.openvoice.config")
    text = config.ConverterConfig().to_json().encode()
    [file] = [file for file in MODELS[0].files if file.path == "converter/config.json"]
    assert (file.size, file.sha256) == (len(text), hashlib.sha256(text).hexdigest())


def test_the_checkpoint_is_the_one_that_the_engine_calls_official() -> None:
    checkpoint = pytest.importorskip("openvoice_service.engines.openvoice.checkpoint")
    [file] = [file for file in MODELS[0].files if file.path == "converter/checkpoint.pth"]
    assert file.sha256 == checkpoint.OFFICIAL_SHA256
