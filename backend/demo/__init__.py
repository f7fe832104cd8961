"""`make demo`: from a voice sample, a photo and a script to an MP4, through the public API."""

import argparse
import os
import secrets
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from backend.demo.account import Account
from backend.demo.picture import draw_picture
from backend.local import place_from
from backend.local.problem import StartProblem
from backend.local.stack import Place, Stack, only_one
from videomessage import ApiProblem, Client, ConnectionProblem

SCRIPTS = {
    "en": "Happy birthday! I hope this year brings you many good surprises. See you very soon.",
    "ja": "お誕生日おめでとう。来年も一緒にお祝いしようね。",
}
# Some fifteen seconds: enough for a good profile.
SAMPLES = {
    "en": "The north wind and the sun were arguing about which of them was the stronger. "
    "A traveller came along, wrapped in a warm coat. They agreed that whoever first made the "
    "traveller take it off should be called the stronger. Then the wind blew as hard as it could.",
    "ja": "北風と太陽が、どちらのほうが強いかで言い争っていました。そこへ、暖かい上着を着た旅人が"
    "やってきました。先に旅人の上着を脱がせたほうを、強いと認めることにしました。"
    "北風は、力いっぱい吹きました。けれども旅人は、上着をしっかりと押さえました。",
}
STAGES = {
    "queued": "Waiting for a worker",
    "waiting_for_speech": "Waiting for the speech service",
    "speaking": "Speaking",
    "composing": "Composing the video",
    "finishing": "Finishing",
}
EMAIL = "demo@example.org"


class DemoProblem(Exception):
    """A sentence that names the argument and what to do about it."""


@dataclass(frozen=True)
class Wish:
    """What to make; what is None the demo makes itself."""

    voice: Path | None
    photo: Path | None
    script: str
    language: str
    out: Path
    keep: bool


@dataclass
class StageTimes:
    """How long each part took, in the order of their beginnings."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        """Add the time that the block takes to `name`."""
        started_s = time.monotonic()
        try:
            yield
        finally:
            self.add(name, time.monotonic() - started_s)

    def add(self, name: str, seconds: float) -> None:
        """Add to a part."""
        self.seconds[name] = self.seconds.get(name, 0.0) + seconds


def main(arguments: list[str]) -> int:
    """Run `python -m backend demo`; return the exit status."""
    console = Console(highlight=False)
    folder: Path | None = None
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        options = _parser().parse_args(arguments)
        wish = _wish(options)
        folder = Path(tempfile.mkdtemp(prefix="video-message-demo-"))
        with only_one(folder):
            _run(place_from(folder, "auto"), wish, console)
    except (StartProblem, DemoProblem, ApiProblem, ConnectionProblem) as problem:
        console.print(str(problem), style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Stopped.")
        return 130
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m backend demo")
    given = os.environ.get
    parser.add_argument("--voice", default=given("VOICE"), help="a recording of the voice")
    parser.add_argument("--photo", default=given("PHOTO"), help="a photo")
    parser.add_argument("--script", default=given("SCRIPT"), help="what to say")
    parser.add_argument("--language", default=given("LANGUAGE"), help="ja, en, zh, ko, es or fr")
    parser.add_argument("--out", default=given("OUT"), help="the MP4 to write")
    parser.add_argument("--keep", action="store_true", default=bool(given("KEEP")),
                        help="leave the app running afterwards")  # fmt: skip
    return parser


def _wish(options: argparse.Namespace) -> Wish:
    # The Makefile passes what was not given as an empty word.
    script = options.script or ""
    language = options.language or _language_of(script)
    out = Path(options.out or "out/demo.mp4")
    if out.is_dir() or out.suffix.lower() != ".mp4":
        raise DemoProblem(f"out: {out} is not the name of an MP4 file. Give one: OUT=video.mp4")
    return Wish(
        voice=_existing("voice", options.voice, "VOICE=recording.mp3"),
        photo=_existing("photo", options.photo, "PHOTO=portrait.jpg"),
        script=script or SCRIPTS.get(language, SCRIPTS["en"]),
        language=language,
        out=out,
        keep=options.keep,
    )


def _existing(field_name: str, given: str | None, example: str) -> Path | None:
    if not given:
        return None
    path = Path(given).expanduser()
    if not path.is_file():
        raise DemoProblem(f"{field_name}: there is no file {path}. Give one: {example}")
    return path


def _language_of(script: str) -> str:
    """Guess the language by its letters; only where none was named."""
    if any("\u3040" <= letter <= "\u30ff" for letter in script):
        return "ja"
    if any("\uac00" <= letter <= "\ud7a3" for letter in script):
        return "ko"
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in script) else "en"


def _run(place: Place, wish: Wish, console: Console) -> None:
    stack, times = Stack(place), StageTimes()
    try:
        with times.measure("start"), console.status("Starting …") as status:
            stack.on_wait = lambda what: status.update(what + " …")
            stack.start()
        password = secrets.token_urlsafe(12)
        with Account(stack.backend_url) as account:
            account.sign_up(EMAIL, password, "Demo", _own_language(wish))
            key = account.make_key("demo")
        with Client(key, stack.backend_url) as api:
            link = _make_video(api, place.folder, wish, times, console)
        _report(wish, times, link, console)
        if wish.keep:
            _keep(stack, password, console)
    finally:
        stack.stop()


def _make_video(api: Client, folder: Path, wish: Wish, times: StageTimes, console: Console) -> str:
    """Drive the API from the sample to the file; return the share link."""
    columns = (
        TextColumn("{task.description:32}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[eta]}"),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Uploading", total=100, eta="")
        voice = _clone_voice(api, folder, wish, times, progress, task)
        with times.measure("upload photo"):
            photo = _upload(api, "photo", wish.photo or _drawn(folder), progress, task)
        message = api.messages.create(
            title="Demo", script=wish.script, language=wish.language, voice=voice["id"],
            photo_upload_id=photo["id"], aspect="16:9",
        )  # fmt: skip
        api.messages.render(message["id"])
        _follow(api, message["id"], times, progress, task)
        with times.measure("download"):
            wish.out.parent.mkdir(parents=True, exist_ok=True)
            api.messages.save_video(message["id"], wish.out)
    return api.shares.create(message["id"])["url"]


def _own_language(wish: Wish) -> str:
    return wish.language if wish.language in SCRIPTS else "en"


def _clone_voice(
    api: Client, folder: Path, wish: Wish, times: StageTimes, progress: Progress, task: TaskID
) -> Any:
    with times.measure("upload sample"):
        sample = wish.voice or _spoken_sample(api, folder, wish.language)
        upload = _upload(api, "audio", sample, progress, task)
    progress.update(task, description="Listening to the voice", completed=0)
    with times.measure("profile voice"):
        return api.voices.clone("Demo", wish.language, upload["id"])


def _spoken_sample(api: Client, folder: Path, language: str) -> Path:
    """Have a base voice of the product read something: a sample that is nobody's."""
    spoken = language if language in SAMPLES else "en"
    base = next(voice["id"] for voice in api.voices.base() if spoken in voice["languages"])
    target = folder / "sample.mp3"
    target.write_bytes(api.speech.preview(base, SAMPLES[spoken], spoken))
    return target


def _drawn(folder: Path) -> Path:
    target = folder / "picture.jpg"
    draw_picture(target)
    return target


def _upload(api: Client, kind: Any, path: Path, progress: Progress, task: TaskID) -> Any:
    progress.update(task, description=f"Uploading {path.name}"[:32], completed=0)
    return api.uploads.send(
        kind, path, lambda sent, size: progress.update(task, completed=100 * sent / size)
    )


def _follow(
    api: Client, message_id: str, times: StageTimes, progress: Progress, task: TaskID
) -> None:
    stage, since_s = "queued", time.monotonic()
    for event in api.messages.events(message_id):
        now_s = time.monotonic()
        times.add(stage, now_s - since_s)
        stage, since_s = event["stage"] or stage, now_s
        eta_s = event["eta_s"]
        progress.update(
            task,
            description=STAGES.get(stage, stage),
            completed=event["percent"],
            eta=f"{eta_s:.0f} s left" if eta_s else event["note"] or "",
        )
        if event["state"] == "failed":
            raise ApiProblem(500, dict(event["problem"] or {}))


def _report(wish: Wish, times: StageTimes, link: str, console: Console) -> None:
    table = Table("stage", "seconds")
    table.columns[1].justify = "right"
    for name, seconds in times.seconds.items():
        table.add_row(name, f"{seconds:.1f}")
    table.add_row("total", f"{sum(times.seconds.values()):.1f}", style="bold")
    console.print(table)
    size = wish.out.stat().st_size / 1e6
    console.print(f"{wish.out} ({size:.1f} MB)", markup=False, soft_wrap=True)
    console.print(f"{link}" + ("" if wish.keep else " (works with KEEP=1, while the app runs)"),
                  markup=False, soft_wrap=True)  # fmt: skip


def _keep(stack: Stack, password: str, console: Console) -> None:
    console.print(
        f"Sign in at {stack.place.url} as {EMAIL} with the password {password}\nCtrl-C stops it.",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    while True:
        stack.tend()
        time.sleep(0.5)
