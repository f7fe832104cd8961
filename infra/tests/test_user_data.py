"""The machines' first script: parts of it, and the whole of it on a computer that is made up.

Packages, downloads, Docker, systemd and AWS are doubles that note how they were called; files,
git and the shell are real, behind bubblewrap.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.tests import workspace

MODULES = Path(__file__).parents[1] / "terraform/modules"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A repository with three commits, and what each is called by: branch, tag, commit."""
    folder = tmp_path_factory.mktemp("origin")
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "config", "uploadpack.allowReachableSHA1InWant", "true")
    for name in ("first", "second", "third"):
        (folder / "state").write_text(name)
        git(folder, "add", "state")
        git(folder, "commit", "--quiet", "--message", name)
        if name == "second":
            git(folder, "tag", "v1")
    first = git(folder, "rev-list", "--max-parents=0", "HEAD").strip()
    return folder, {"main": "third", "v1": "second", first: "first"}


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.com"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("machine", ["app", "gpu"])
def test_a_branch_a_tag_and_a_commit_can_be_run_one_after_the_other(
    machine: str, repository: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    address, states = repository
    script = (MODULES / machine / "user_data.sh.tftpl").read_text()
    (function,) = re.findall(r"^fetch_sources\(\) \{.*?^\}$", script, re.MULTILINE | re.DOTALL)
    assert script.count("\nfetch_sources\n") == 1
    shell = function.replace("${repository_url}", f"file://{address}")
    home = tmp_path / "opt"
    for ref, state in states.items():
        environment = {**os.environ, "HOME_DIR": str(home), "REPOSITORY_REF": ref}
        command = ["bash", "-euo", "pipefail", "-c", f"{shell}\nfetch_sources"]
        subprocess.run(command, check=True, env=environment)
        assert (home / "state").read_text() == state


# --- the whole script, again and again ------------------------------------------------------

VALUES: dict[str, object] = {
    "project": "video-message", "region": "ap-northeast-1", "file_system_id": "fs-1",
    "access_point_id": "fsap-1", "repository_url": "/origin", "repository_ref": "main",
    "image_registry": "", "domain": "video.example.com", "public_url": "https://video.example.com",
    "gpu_tag": "Role=openvoice-gpu", "app_tag": "Role=video-message-app", "power_provider": "ec2",
    "power_market": "on_demand", "app_hours": "always", "media_bucket": "media-1",
    "mail": {"transport": "smtp", "from": "post@example.com", "smtp_host": "smtp.example.com",
             "smtp_port": 587, "smtp_security": "starttls", "smtp_user": "post"},
    "tls": True, "has_gpu": False, "skip_holidays": False,
}  # fmt: skip
AGAIN = {"app": "/opt/video-message/setup.sh", "gpu": "/usr/local/sbin/video-message-setup"}
DOUBLES = (
    "aws",
    "curl",
    "dnf",
    "docker",
    "mount",
    "mountpoint",
    "nvidia-ctk",
    "sleep",
    "systemctl",
)
DOUBLE = r"""#!/bin/bash
name=${0##*/}
echo "$name $*" >>/calls
held=/held/${6//\//-}
case "$name $*" in
  "curl -fsSLO "*) echo binary >"${2##*/}" ;;
  "curl "*.sha256) sha256sum docker-compose-linux-x86_64 ;;
  "curl "*checksums.txt) sha256sum buildx-* ;;
  "mount /mnt/shared") touch /held/mounted ;;
  "mountpoint "*) test -e /held/mounted ;;
  "aws ssm put-parameter "*) [ ! -e "$held" ] && echo "${11}" >"$held" ;;
  "aws ssm get-parameter "*) cat "$held" ;;
esac
"""


class Computer:
    """A machine that is made up: all but /usr lies below `root`."""

    def __init__(self, root: Path, machine: str, origin: Path) -> None:
        self.root, self._machine, self._origin = root, machine, origin
        for name in ("doubles", "etc/systemd/system", "held", "opt", "origin", "tmp",
                     "usr/local/bin", "usr/local/sbin", "var/lib", "var/log"):  # fmt: skip
            (root / name).mkdir(parents=True)
        for name in ("bin", "lib", "lib64"):
            (root / name).symlink_to(f"usr/{name}")
        (root / "etc/fstab").write_text("UUID=1 / xfs defaults 0 0\n")
        for name in DOUBLES:
            (root / "doubles" / name).write_text(DOUBLE)
            (root / "doubles" / name).chmod(0o755)
        (root / "part-001").write_text(workspace.first_script(machine, VALUES, root / "tmp"))

    def boot(self, *, has_origin: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the script for the first time, as cloud-init does."""
        return self._run("/part-001", has_origin=has_origin)

    def begin_again(self) -> subprocess.CompletedProcess[str]:
        """Run what the operator or the next boot runs."""
        return self._run(AGAIN[self._machine])

    def _run(self, script: str, *, has_origin: bool = True) -> subprocess.CompletedProcess[str]:
        wall = ["bwrap", "--bind", str(self.root), "/", "--ro-bind", "/usr", "/usr", "--bind",
                str(self.root / "usr/local"), "/usr/local", "--dev", "/dev", "--proc", "/proc",
                "--die-with-parent"]  # fmt: skip
        wall += ["--ro-bind", str(self._origin), "/origin"] if has_origin else []
        return subprocess.run(
            [*wall, "bash", script],
            env={"PATH": "/doubles:/usr/bin:/bin"}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def files(self) -> dict[str, tuple[str, int]]:
        """Return what the script wrote, each file's text and rights, but for its own log."""
        kept = ("etc", "opt", "usr/local", "var/lib", "held")
        found = (path for name in kept for path in (self.root / name).rglob("*"))
        return {
            str(path.relative_to(self.root)): (path.read_text(), path.stat().st_mode)
            for path in found
            if path.is_file() and ".git" not in path.parts
        }

    def setting(self, name: str) -> str:
        """Return what compose reads from .env: of a name that is there twice, the last."""
        text = (self.root / "opt/video-message/.env").read_text()
        return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)[-1]


@pytest.fixture
def computer(
    request: pytest.FixtureRequest, repository: tuple[Path, dict[str, str]], tmp_path: Path
) -> Computer:
    for program in ("terraform", "bwrap"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here: the machines' first script was not run.")
    return Computer(tmp_path / "computer", request.param, repository[0])


both = pytest.mark.parametrize("computer", ["app", "gpu"], indirect=True)
the_app = pytest.mark.parametrize("computer", ["app"], indirect=True)


@both
def test_a_second_run_changes_nothing(computer: Computer) -> None:
    first = computer.boot()
    assert first.returncode == 0, first.stdout + first.stderr
    assert "opt/video-message/state" in computer.files()
    before = computer.files()
    again = computer.begin_again()
    assert again.returncode == 0, again.stdout + again.stderr
    assert computer.files() == before
    assert (computer.root / "etc/fstab").read_text().splitlines() == [
        "UUID=1 / xfs defaults 0 0",
        "fs-1 /mnt/shared efs _netdev,tls,iam,accesspoint=fsap-1 0 0",
    ]


@both
def test_a_run_that_was_broken_off_can_be_taken_up_again(computer: Computer) -> None:
    assert computer.boot(has_origin=False).returncode != 0
    again = computer.begin_again()
    assert again.returncode == 0, again.stdout + again.stderr
    assert "opt/video-message/state" in computer.files()


@the_app
def test_secrets_are_made_once_and_read_by_nobody_else(computer: Computer) -> None:
    computer.boot()
    secrets = [computer.setting(name) for name in
               ("SPEECH_TOKEN", "SIGNING_KEY", "OWNER_TOKEN", "POSTGRES_PASSWORD")]  # fmt: skip
    assert all(re.fullmatch(r"[0-9a-f]{64}", secret) for secret in secrets)
    assert len(set(secrets)) == 4
    assert (computer.root / "opt/video-message/.env").stat().st_mode & 0o077 == 0


@the_app
def test_the_mail_servers_password_is_the_operators_letter_by_letter(computer: Computer) -> None:
    (computer.root / "held/-video-message-smtp-password").write_text('p$w "d#\n')
    computer.boot()
    assert computer.setting("SMTP_PASSWORD") == """'p$w "d#'"""
    assert computer.setting("SMTP_HOST") == "smtp.example.com"


@the_app
def test_a_password_that_nobody_has_put_there_breaks_nothing_off(computer: Computer) -> None:
    done = computer.boot()
    assert done.returncode == 0
    assert computer.setting("SMTP_PASSWORD") == "''"
    log = (computer.root / "var/log/video-message-setup.log").read_text()
    assert "/video-message/smtp-password is not in SSM" in log


@the_app
def test_the_operators_own_settings_outlive_the_next_version(computer: Computer) -> None:
    computer.boot()
    assert computer.setting("APP_HOURS") == "always"
    (computer.root / "opt/video-message/own.env").write_text("APP_HOURS=weekday\n")
    computer.begin_again()
    assert computer.setting("APP_HOURS") == "weekday"
