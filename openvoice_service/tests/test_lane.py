"""The lane's lease, the spot notice, and the watchdog that turns a forgotten machine off."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest

from openvoice_service.lane import SpotNotice
from openvoice_service.main import create_app
from openvoice_service.settings import SpeechSettings
from openvoice_service.tests.running import PATIENCE_S, serving
from openvoice_service.watchdog import wait_until_unwanted

BEARER = {"Authorization": "Bearer t"}


class Metadata(BaseHTTPRequestHandler):
    """EC2's metadata service as far as it is asked: a token first, then the notice."""

    notice: str | None = None

    def do_PUT(self) -> None:
        has_ttl = "X-aws-ec2-metadata-token-ttl-seconds" in self.headers
        self._answer(200 if has_ttl and self.path == "/latest/api/token" else 400, "token")

    def do_GET(self) -> None:
        if self.headers["X-aws-ec2-metadata-token"] != "token":
            self._answer(401, "")
        elif self.path != "/latest/meta-data/spot/instance-action" or type(self).notice is None:
            self._answer(404, "")
        else:
            self._answer(200, str(type(self).notice))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Tell nobody."""


@pytest.fixture
def metadata() -> Iterator[str]:
    Metadata.notice = None
    server = HTTPServer(("127.0.0.1", 0), Metadata)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def lane(folder: Path, spot_metadata_url: str = "") -> Iterator[httpx.Client]:
    settings = SpeechSettings(
        data_dir=folder,
        speech_token="t",
        speech_engine="world",
        spot_metadata_url=spot_metadata_url,
    )
    with (
        serving(create_app(settings)) as url,
        httpx.Client(base_url=url, timeout=PATIENCE_S) as client,
    ):
        yield client


def test_a_lease_is_renewed_by_whoever_has_the_token(tmp_path: Path) -> None:
    with lane(tmp_path) as client:
        assert client.get("/healthz").json() == {"ok": True, "lease_renewals": 0}
        body = {"holder": "backend-1"}
        assert client.put("/v1/lane/lease", json=body).status_code == 401
        assert client.get("/v1/lane/lease", headers=BEARER).json()["age_s"] is None
        renewed = client.put("/v1/lane/lease", json=body, headers=BEARER).json()
        assert (renewed["holder"], renewed["renewals"], renewed["at_work"]) == ("backend-1", 1, 0)
        assert renewed["age_s"] >= 0.0
        assert client.get("/healthz").json()["lease_renewals"] == 1
        for holder in ("", "x" * 81, None):
            refused = client.put("/v1/lane/lease", json={"holder": holder}, headers=BEARER)
            assert refused.status_code == 422
            assert "holder" in refused.text


def test_readiness_tells_when_the_machine_is_taken_back(tmp_path: Path, metadata: str) -> None:
    Metadata.notice = '{"action": "stop", "time": "2026-11-24T08:22:00Z"}'
    with lane(tmp_path, spot_metadata_url=metadata) as client:
        body = client.get("/readyz").json()
        while body["interruption_at"] is None:
            body = client.get("/readyz").json()
        assert body["interruption_at"] == "2026-11-24T08:22:00Z"
    with lane(tmp_path) as client:
        assert client.get("/readyz").json()["interruption_at"] is None


def test_a_notice_outlives_an_answer_that_makes_no_sense(metadata: str) -> None:
    notice = SpotNotice(metadata)
    notice.look()
    assert notice.interruption_at is None
    Metadata.notice = '{"action": "terminate", "time": "2026-11-24T08:22:00Z"}'
    notice.look()
    at = datetime(2026, 11, 24, 8, 22, tzinfo=UTC)
    assert notice.interruption_at == at
    for nonsense in ("", "<html>", "[]", "{}", '{"time": 7}', '{"time": "soon"}'):
        Metadata.notice = nonsense
        notice.look()
        assert notice.interruption_at == at, nonsense
    Metadata.notice = None
    notice.look()
    assert notice.interruption_at is None
    notice.close()


def test_a_machine_without_metadata_is_not_interrupted() -> None:
    notice = SpotNotice("http://127.0.0.1:9")
    notice.look()
    assert notice.interruption_at is None
    notice.close()


class Hours:
    """A clock that the waiting itself moves on, and the answers that are heard meanwhile."""

    def __init__(self, told: Sequence[int | None]) -> None:
        self.now_s = 0.0
        self._told = list(told)

    def clock(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def look(self) -> int | None:
        return self._told.pop(0) if len(self._told) > 1 else self._told[0]


@pytest.mark.parametrize(
    ("told", "off_at_s"),
    [
        pytest.param([0], 900, id="nobody ever wants it"),
        pytest.param([None], 900, id="the service never starts"),
        pytest.param([*range(40)], 39 * 15 + 900, id="the last backend dies"),
        pytest.param([5, 6, None], 15 + 900, id="the service hangs or dies"),
        pytest.param([5, 6, 0], 15 + 900, id="the service starts again and nobody comes"),
        pytest.param([5, 6, 0, 1], 45 + 900, id="the service starts again and is wanted"),
        pytest.param([5, None, None, 6], 45 + 900, id="it was only slow"),
        pytest.param([7, 0, 7], 30 + 900, id="as many renewals as before its restart"),
    ],
)
def test_it_is_turned_off_fifteen_minutes_after_the_last_wish(
    told: Sequence[int | None], off_at_s: float
) -> None:
    hours = Hours(told)
    wait_until_unwanted(hours.look, 900.0, 15.0, hours.clock, hours.sleep)
    assert hours.now_s == off_at_s


def test_the_machine_goes_off_when_every_backend_is_gone(tmp_path: Path) -> None:
    off = tmp_path / "off"
    with lane(tmp_path) as client:
        command = [sys.executable, "-m", "openvoice_service", "watchdog", "--patience", "3"]
        command += ["--poll", "0.1", "--url", str(client.base_url), "--then", f"touch {off}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watchdog:
            for _ in range(30):
                client.put("/v1/lane/lease", json={"holder": "b"}, headers=BEARER)
            assert not off.exists()
            said, _ = watchdog.communicate(timeout=PATIENCE_S)
    assert (watchdog.returncode, off.exists()) == (0, True)
    assert "No lease for 3 s" in said


def test_a_command_that_fails_is_tried_again(tmp_path: Path) -> None:
    script = tmp_path / "off.sh"
    script.write_text(
        f"#!/bin/sh\necho x >> {tmp_path}/tries\n[ $(wc -l < {tmp_path}/tries) = 3 ]\n"
    )
    script.chmod(0o755)
    command = [sys.executable, "-m", "openvoice_service", "watchdog", "--patience", "0.1"]
    command += ["--poll", "0.1", "--url", "http://127.0.0.1:9", "--then", str(script)]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)
    assert (tmp_path / "tries").read_text() == "x\nx\nx\n"


def test_the_watchdog_needs_nothing_but_python(tmp_path: Path) -> None:
    file = Path(__file__).parents[1] / "watchdog.py"
    call = [sys.executable, "-S", "-I", str(file), "--patience", "0"]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert "seconds above 0" in done.stderr
    assert json.dumps(done.returncode) == "1"
