"""`python -m backend.messages.bench`: how soon a preview follows an edit, on this machine.

A script of 20 sentences is laid out once; then one sentence is changed again and again. What is
measured is what a person waits for: the edit saved, the message laid out, and every sound that is
new fetched, over the real speech service and real HTTP.
"""

import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from fastapi.testclient import TestClient

from backend.main import create_app
from backend.migrations import upgrade
from backend.settings import Settings
from backend.tests.conftest import sign_up
from backend.tests.samples import make_voice, sample_speech
from backend.tests.served import ServedApp
from openvoice_service.main import create_app as create_speech_app
from openvoice_service.settings import SpeechSettings

SENTENCES = 20
EDITS = 10
DRAFT_BAR_S = 1.0
BASE_VOICE = "open_jtalk:mei_normal"


def script(edit: int) -> str:
    """Return the script after the `edit`-th change of its seventh sentence."""
    sentences = [f"これは{number}番目の文で、少し長めに話します。" for number in range(SENTENCES)]
    sentences[6] = f"ここだけ、{edit}回目に書き直しました。"
    return "".join(sentences)


def seconds_of_edit(client: TestClient, message: str, edit: int, heard: set[str]) -> float:
    """Change a sentence and return how long it takes until its sound is there."""
    began_s = time.perf_counter()
    client.patch(message, json={"script": script(edit)}).raise_for_status()
    answer = client.post(f"{message}/preview").raise_for_status().json()
    for url in {segment["sound_url"] for segment in answer["segments"]} - heard:
        client.get(url).raise_for_status()
        heard.add(url)
    return time.perf_counter() - began_s


def measured(client: TestClient, name: str, voice: str) -> tuple[str, float]:
    """Return the table's row of a voice, and its median."""
    made = client.post("/api/v1/messages", json={"script": script(-1), "voice": voice}).json()
    message, heard = f"/api/v1/messages/{made['id']}", set[str]()
    first_s = seconds_of_edit(client, message, 0, heard)
    edits_s = [seconds_of_edit(client, message, edit, heard) for edit in range(1, EDITS + 1)]
    median_s, slowest_s = statistics.median(edits_s), max(edits_s)
    return f"| {name} | {first_s:.2f} | {median_s:.2f} | {slowest_s:.2f} |", median_s


def main() -> None:
    """Print the table; end with status 1 where the draft, which is heard first, is late."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as held:
        data = Path(folder)
        speech = SpeechSettings(data_dir=data, shared_root=data / "shared")
        url = held.enter_context(ServedApp(create_speech_app(speech)))
        settings = Settings(data_dir=data, shared_root=data / "shared", speech_url=url)
        upgrade(settings.database)
        app = create_app(settings)
        held.enter_context(TestClient(app))
        client = sign_up(app, "bench@example.com")
        own = make_voice(client, sample_speech(data / "sample.wav"))["id"]
        draft, draft_s = measured(client, "base voice", BASE_VOICE)
        rows = [draft, measured(client, "own voice", own)[0]]
    sys.stdout.write(
        "| voice | first layout of 20 sentences, s | after an edit, median s | slowest s |\n"
        "|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )
    sys.exit(0 if draft_s <= DRAFT_BAR_S else f"missed: a draft within {DRAFT_BAR_S} s")


if __name__ == "__main__":
    main()
