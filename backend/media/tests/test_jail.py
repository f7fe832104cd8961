"""The jail holds what it promises, with and without bubblewrap."""

import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.media import ffmpeg, jail

MEBIBYTE = jail.MEBIBYTE
_NOBODY = 65_534


def python(program: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", program]


def run_python(program: str, work: Path, **options: object) -> list[str]:
    lines: list[str] = []
    jail.run(python(program), work, jail.python_folders(), on_line=lines.append, **options)  # type: ignore[arg-type]
    return lines


def processes_of(marker: str) -> list[int]:
    """Return the living processes that have `marker` on their command line."""
    command = ["ps", "-eo", "pid=,stat=,args="]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split(None, 2) for line in listed.stdout.splitlines()]
    return [int(row[0]) for row in rows if marker in row[-1] and not row[1].startswith("Z")]


def wait_until_gone(marker: str) -> None:
    deadline_s = time.monotonic() + 10
    while processes_of(marker):
        assert time.monotonic() < deadline_s, "a process of the jail still lives"
        time.sleep(0.02)


def test_what_it_prints_arrives_whole(walls: str, tmp_path: Path) -> None:
    lines = run_python("for n in range(50_000): print('line', n)", tmp_path)
    assert lines == [f"line {n}" for n in range(50_000)]


def test_the_last_line_is_never_lost(walls: str, tmp_path: Path) -> None:
    for _ in range(5):
        assert run_python("print('the end')", tmp_path) == ["the end"]


def test_a_failure_brings_its_exit_code_and_words(walls: str, tmp_path: Path) -> None:
    with pytest.raises(jail.JailBroken) as broken:
        run_python("import sys; print('oh no', file=sys.stderr); sys.exit(7)", tmp_path)
    assert broken.value.reason == "exit 7"
    assert "oh no" in broken.value.stderr


def test_a_program_that_hangs_is_killed_with_its_children(walls: str, tmp_path: Path) -> None:
    marker = f"hanging-{os.getpid()}"
    program = (
        f"import subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)  # {marker}'])\n"
        f"time.sleep(99)  # {marker}"
    )
    started_s = time.monotonic()
    with pytest.raises(jail.JailBroken, match="timeout"):
        run_python(program, tmp_path, limits=jail.Limits(wall_s=1.0))
    assert time.monotonic() - started_s < 20
    wait_until_gone(marker)


def test_one_that_closes_its_output_and_hangs_is_killed_too(walls: str, tmp_path: Path) -> None:
    marker = f"mute-{os.getpid()}"
    program = f"import os, time; os.close(1); time.sleep(99)  # {marker}"
    with pytest.raises(jail.JailBroken, match="timeout"):
        run_python(program, tmp_path, limits=jail.Limits(wall_s=1.0))
    wait_until_gone(marker)


@pytest.mark.parametrize(
    "feed", [None, lambda: itertools.repeat(bytes(1_000_000))], ids=["alone", "fed, unread"]
)
def test_cancelling_ends_it_at_once(feed: jail.Feed | None, walls: str, tmp_path: Path) -> None:
    marker = f"cancelled-{os.getpid()}"
    cancel = threading.Event()
    program = f"import time; print('up', flush=True); time.sleep(99)  # {marker}"
    with pytest.raises(jail.JailBroken, match="cancelled"):
        jail.run(
            python(program), tmp_path, jail.python_folders(),
            on_line=lambda _line: cancel.set(), is_cancelled=cancel.is_set, feed=feed,
        )  # fmt: skip
    wait_until_gone(marker)


# --- what it is fed -------------------------------------------------------------------------

_MANY = [bytes([number]) * 1_000_000 for number in range(20)]


def test_what_it_is_fed_arrives_whole(walls: str, tmp_path: Path) -> None:
    program = "import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())"
    told = run_python(program, tmp_path, feed=lambda: _MANY)
    assert told == [hashlib.sha256(b"".join(_MANY)).hexdigest()]


def test_it_may_end_before_it_has_read_all(walls: str, tmp_path: Path) -> None:
    program = "import sys; print(len(sys.stdin.buffer.read(3)))"
    assert run_python(program, tmp_path, feed=lambda: itertools.cycle(_MANY)) == ["3"]


def test_a_feed_that_fails_is_a_failure(walls: str, tmp_path: Path) -> None:
    """What came before would else pass for all of it."""

    def feed() -> Iterator[bytes]:
        yield b"half of it"
        raise MemoryError

    with pytest.raises(MemoryError):
        run_python("import sys; sys.stdin.buffer.read()", tmp_path, feed=feed)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of a parent's death")
def test_it_dies_with_a_server_that_is_killed(walls: str, tmp_path: Path) -> None:
    marker = f"orphan-{os.getpid()}"
    server = (
        "import sys; from pathlib import Path; from backend.media import jail\n"
        f"program = \"import time; print('up', flush=True); time.sleep(99)  # {marker}\"\n"
        "jail.run([sys.executable, '-I', '-S', '-c', program], Path(sys.argv[1]),\n"
        "         jail.python_folders(), on_line=lambda line: print(line, flush=True))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", server, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.kill()
    process.wait()
    process.stdout.close()
    wait_until_gone(marker)


def test_a_command_whose_server_died_before_the_walls_stood_does_not_run(
    walls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jail._Gate, "open", lambda gate, _wait_s: gate.__exit__())
    with pytest.raises(jail.JailBroken):
        run_python("open('it ran', 'w')", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not limit the address space")
def test_memory_is_limited(walls: str, tmp_path: Path) -> None:
    with pytest.raises(jail.JailBroken, match="exit 1") as broken:
        run_python(
            "bytearray(600_000_000)", tmp_path, limits=jail.Limits(memory_bytes=512 * MEBIBYTE)
        )
    assert "MemoryError" in broken.value.stderr


def test_cpu_time_is_limited(walls: str, tmp_path: Path) -> None:
    with pytest.raises(jail.JailBroken, match="exit"):
        run_python("while True: pass", tmp_path, limits=jail.Limits(cpu_s=1, wall_s=60))


def test_the_size_of_what_it_writes_is_limited(walls: str, tmp_path: Path) -> None:
    program = "open('large', 'wb').write(bytes(3_000_000))"
    with pytest.raises(jail.JailBroken):
        run_python(program, tmp_path, limits=jail.Limits(output_bytes=MEBIBYTE))
    assert (tmp_path / "large").stat().st_size <= MEBIBYTE


def test_open_files_and_core_dumps_are_limited(walls: str, tmp_path: Path) -> None:
    program = (
        "import resource as r; print(r.getrlimit(r.RLIMIT_NOFILE), r.getrlimit(r.RLIMIT_CORE))"
    )
    assert run_python(program, tmp_path) == ["(64, 64) (0, 0)"]


def test_it_sees_nothing_of_the_servers_environment(
    walls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPEECH_TOKEN", "secret")
    program = "import os; print(sorted(os.environ))"
    assert "SPEECH_TOKEN" not in run_python(program, tmp_path)[0]


def test_the_sandbox_shows_no_other_file_and_no_network(sandbox: None, tmp_path: Path) -> None:
    secret, work = tmp_path / "secret", tmp_path / "work"
    secret.write_text("secret")
    work.mkdir()
    program = (
        "import os, socket\n"
        f"print(os.path.exists({str(secret)!r}), os.path.exists('/etc/passwd'),\n"
        "      [name for _, name in socket.if_nameindex() if name != 'lo'])\n"
    )
    assert run_python(program, work) == ["False False []"]


def test_the_sandbox_shows_what_is_readable_and_lets_nobody_write_it(
    sandbox: None, tmp_path: Path
) -> None:
    given, work = tmp_path / "given", tmp_path / "work"
    given.write_text("given")
    work.mkdir()
    program = f"print(open({str(given)!r}).read(), flush=True); open({str(given)!r}, 'w')"
    lines: list[str] = []
    readable = [*jail.python_folders(), given]
    with pytest.raises(jail.JailBroken, match="exit 1"):
        jail.run(python(program), work, readable, on_line=lines.append)
    assert lines == ["given"]
    assert given.read_text() == "given"


def test_a_link_left_behind_is_not_taken_for_a_result(tmp_path: Path) -> None:
    (tmp_path / "made").symlink_to("/etc/passwd")
    with pytest.raises(jail.JailBroken):
        jail.regular_file(tmp_path / "made")


def test_ffmpeg_runs_in_it_and_tells_how_far_it_is(walls: str, tmp_path: Path) -> None:
    times_s: list[float] = []
    arguments = ["-f", "lavfi", "-i", "sine=duration=3", str(tmp_path / "tone.wav")]
    ffmpeg.run(arguments, tmp_path, on_written=lambda written: times_s.append(written.time_s))
    assert (tmp_path / "tone.wav").stat().st_size > 200_000
    assert times_s[-1] == pytest.approx(3.0, abs=0.1)


def test_the_report_says_what_is_lacking(walls: str) -> None:
    report = jail.sandbox_report()
    assert report.bubblewrap == (walls == "sandbox")
    assert any("bubblewrap" in sentence for sentence in report.lacking) == (walls != "sandbox")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed")
def test_the_sandbox_opens_for_an_unprivileged_user_as_well() -> None:
    """The server does not run as root in production; the probe must say the same to both."""
    command = [*jail._wall([], Path("/var/tmp")), "true"]
    as_root = subprocess.run(command, capture_output=True, timeout=10, check=False)
    as_nobody = subprocess.run(
        command, capture_output=True, timeout=10, check=False, cwd="/", user=_NOBODY, group=_NOBODY
    )
    assert as_nobody.returncode == as_root.returncode, as_nobody.stderr


def test_an_encoder_yields_and_whoever_is_waited_for_does_not(walls: str, tmp_path: Path) -> None:
    ask, own = "import os; print(os.nice(0))", os.nice(0)
    assert run_python(ask, tmp_path) == [str(min(own + 10, 19))]
    assert run_python(ask, tmp_path, limits=jail.Limits(niceness=0)) == [str(own)]
