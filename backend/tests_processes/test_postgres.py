"""The whole product on PostgreSQL: what a laptop keeps in two SQLite files, a server keeps here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.tests.postgres import postgres_server, require_postgres
from backend.tests.samples import sample_speech
from backend.tests_processes.rig import WORKER, Rig

SCRIPT = "Hello! I saw {} harbours. They like the islands and the evenings."
AT_WORK = ("speaking", "composing")


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """The product's processes with both of their databases on a server of their own."""
    with (
        postgres_server(require_postgres()) as server,
        server.database() as url,
        Rig(DATABASE_URL=url, JOBS_DATABASE_URL=url, SPEECH_TIMEOUT_S="20") as running,
    ):
        yield running


def test_a_message_in_an_own_voice_becomes_ready(rig: Rig, tmp_path: Path) -> None:
    sample = rig.api.upload("audio", sample_speech(tmp_path / "sample.wav"))
    voice = rig.api.create_voice("Mine", "ja", sample["id"])
    order = rig.submit("こんにちは。元気ですか。", language="ja", voice=voice["id"])
    assert rig.wait_until_over(order)["state"] == "ready"
    assert rig.faults_of(order) == []
    assert not list(rig.folder.glob("*.db")), "a database file beside the server"


def test_a_worker_killed_at_work_leaves_nothing_lost_or_doubled(rig: Rig) -> None:
    order = rig.submit(SCRIPT.format(42))
    rig.wait_for(order, lambda message: message["state"] in AT_WORK, "it is at work")
    rig.kill(WORKER)
    assert rig.wait_until_over(order)["state"] == "ready"
    assert rig.faults_of(order) == []
