"""push-images.sh as a program: the real AWS CLI on moto's ECR, and a docker that takes notes."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "infra/scripts/push-images.sh"
REGION = "eu-central-1"
REGISTRY = f"123456789012.dkr.ecr.{REGION}.amazonaws.com"
IMAGES = [
    "video-message-backend",
    "video-message-frontend",
    "video-message-openvoice",
    "openvoice-gpu",
]
# Refuses the call that FAILING begins, and takes a password like the real one.
DOCKER = """#!/usr/bin/env bash
[ "$1" != login ] || printf 'password %s\\n' "$(cat)" >>"$DOCKER_LOG"
printf '%s\\n' "$*" >>"$DOCKER_LOG"
[[ -z ${FAILING:-} || "$*" != $FAILING ]] || { echo "no such luck" >&2; exit 1; }
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """What docker was called with, a call a line."""
    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    (tmp_path / "log").touch()
    return tmp_path / "log"


@pytest.fixture
def run(address: str, tmp_path: Path, log: Path) -> Run:
    folders = [str(tmp_path), str(Path(sys.executable).parent), "/usr/bin", "/bin"]
    environment = {
        "PATH": os.pathsep.join(folders),
        "HOME": str(tmp_path),
        "DOCKER_LOG": str(log),
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }

    def call(
        *arguments: str, script: Path = SCRIPT, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        wishes = {key: value for key, value in (environment | changes).items() if value}
        command = ["bash", str(script), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=wishes, check=False)

    return call


@pytest.fixture
def ecr(address: str) -> Any:
    """An account without repositories: moto keeps one for all tests of a process."""
    urlopen(Request(f"{address}/moto-api/reset", method="POST")).close()
    return boto3.client(
        "ecr",
        region_name=REGION,
        endpoint_url=address,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


@pytest.fixture
def made(ecr: Any) -> None:
    for image in IMAGES:
        ecr.create_repository(repositoryName=image)


def repositories(ecr: Any) -> set[str]:
    return {each["repositoryName"] for each in ecr.describe_repositories()["repositories"]}


def calls(log: Path, verb: str) -> list[str]:
    return [line for line in log.read_text().splitlines() if line.startswith(verb)]


def version() -> str:
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


# --- what it does ---------------------------------------------------------------------------


def test_it_pushes_every_image_under_its_commit_and_as_the_latest(
    run: Run, made: None, log: Path
) -> None:
    done = run(REGISTRY)
    assert done.returncode == 0, done.stderr
    assert f'image_registry = "{REGISTRY}"' in done.stdout
    tags = (version(), "latest")
    wanted = [f"push --quiet {REGISTRY}/{image}:{tag}" for image in IMAGES for tag in tags]
    assert calls(log, "push") == wanted
    for image, built in zip(IMAGES, calls(log, "build"), strict=True):
        assert "--platform linux/amd64" in built
        for tag in tags:
            assert f"--tag {REGISTRY}/{image}:{tag}" in built


def test_it_builds_from_files_and_targets_that_are_there(run: Run, made: None, log: Path) -> None:
    assert run(REGISTRY).returncode == 0
    targets = {}
    for built in calls(log, "build"):
        words = built.split()
        dockerfile = (ROOT / words[words.index("--file") + 1]).read_text()
        target = words[words.index("--target") + 1] if "--target" in words else None
        assert target is None or re.search(rf" AS {target}$", dockerfile, re.MULTILINE)
        targets[built.split("/")[-1].split(":")[0]] = target
    assert targets == dict(zip(IMAGES, [None, None, "cpu", "cuda"], strict=True))


def test_its_names_are_those_that_the_machines_pull(run: Run, made: None, log: Path) -> None:
    text = "".join(
        (ROOT / f).read_text() for f in ("infra/compose/aws.yml", "docker-compose.gpu.yml")
    )
    of_compose = set(re.findall(r"image: \$\{IMAGE_REGISTRY\S*/\}(\S+)", text))
    script = (ROOT / "infra/terraform/modules/gpu/user_data.sh.tftpl").read_text()
    of_gpu = set(re.findall(r"docker pull --quiet \$\{image_registry\}/(\S+)", script))
    assert of_gpu == {"openvoice-gpu"}
    assert run(REGISTRY).returncode == 0
    pushed = {call.split("/")[-1].split(":")[0] for call in calls(log, "push")}
    assert pushed == of_compose | of_gpu


def test_docker_is_given_the_password_that_ecr_gives_and_by_no_argument(
    run: Run, made: None, log: Path
) -> None:
    assert run(REGISTRY).returncode == 0
    assert calls(log, "login") == [f"login --username AWS --password-stdin {REGISTRY}"]
    (password,) = calls(log, "password")
    assert len(password.split()) == 2


def test_it_makes_what_repositories_lack_and_leaves_the_others(run: Run, ecr: Any) -> None:
    ours, longer = IMAGES[0], f"{IMAGES[1]}-old"
    for name in (ours, longer):
        ecr.create_repository(repositoryName=name)
    first, second = run(REGISTRY), run(REGISTRY)
    assert (first.returncode, second.returncode) == (0, 0)
    assert (first.stdout.count("is made"), second.stdout.count("is made")) == (3, 0)
    assert repositories(ecr) == {*IMAGES, longer}
    found = ecr.describe_repositories()["repositories"]
    scanned = {
        each["repositoryName"] for each in found if each["imageScanningConfiguration"]["scanOnPush"]
    }
    assert scanned == set(IMAGES[1:])
    policy = ecr.get_lifecycle_policy(repositoryName=IMAGES[3])["lifecyclePolicyText"]
    assert json.loads(policy)["rules"][0]["selection"]["countNumber"] == 5
    with pytest.raises(ecr.exceptions.LifecyclePolicyNotFoundException):
        ecr.get_lifecycle_policy(repositoryName=ours)


def test_a_tree_with_changes_says_so_in_the_tag(
    run: Run, made: None, log: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "checkout/infra/scripts/push-images.sh"
    copy.parent.mkdir(parents=True)
    shutil.copy(SCRIPT, copy)
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "-m", "a"]):
        subprocess.run(["git", *words], cwd=tmp_path / "checkout", check=True)
    assert run(REGISTRY, script=copy).returncode == 0
    assert [line for line in calls(log, "push") if "-dirty" in line] == []
    copy.write_text(copy.read_text() + "# changed\n")
    assert run(REGISTRY, script=copy).returncode == 0
    dirty = [line for line in calls(log, "push") if "-dirty" in line]
    assert [line.split(":")[0].split("/")[-1] for line in dirty] == IMAGES


# --- what it refuses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [], [""], [REGISTRY, "x"], ["docker.io/somebody"], ["--halp"], [f"https://{REGISTRY}"],
        [f"{REGISTRY}/"], [f"{REGISTRY}/folder"], ["123.dkr.ecr.eu-central-1.amazonaws.com"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_no_registry_is_refused_and_nothing_is_touched(
    run: Run, ecr: Any, log: Path, arguments: list[str]
) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "make push REGISTRY=123456789012.dkr.ecr." in done.stderr
    assert (log.read_text(), repositories(ecr)) == ("", set())


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_needs_nothing(run: Run, word: str) -> None:
    done = run(word, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert (done.returncode, done.stderr) == (0, "")
    assert "ACCOUNT.dkr.ecr.REGION.amazonaws.com" in done.stdout


@pytest.mark.parametrize(("tool", "words"), [("docker", "docker is missing"), ("aws", "AWS CLI")])
def test_without_a_tool_it_says_where_to_get_it(
    run: Run, log: Path, tmp_path: Path, tool: str, words: str
) -> None:
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("bash", "mktemp", "rm", "dirname", "cat", "env", "git", "docker"):
        found = tmp_path / "docker" if name == "docker" else shutil.which(name)
        assert found
        if name != tool:
            (folder / name).symlink_to(found)
    done = run(REGISTRY, PATH=str(folder))
    assert (done.returncode, words in done.stderr) == (1, True)
    assert calls(log, "build") == []


def test_an_engine_that_is_not_started_is_told(run: Run, ecr: Any, log: Path) -> None:
    done = run(REGISTRY, FAILING="version")
    assert done.returncode == 1
    assert "engine started? no such luck" in done.stderr
    assert repositories(ecr) == set()


def test_without_credentials_aws_says_so_and_nothing_is_built(
    run: Run, ecr: Any, log: Path
) -> None:
    done = run(REGISTRY, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert done.returncode == 1
    assert "Unable to locate credentials" in done.stderr
    assert calls(log, "build") == calls(log, "login") == []


def test_a_registry_that_refuses_the_password_ends_it(run: Run, ecr: Any, log: Path) -> None:
    done = run(REGISTRY, FAILING="login*")
    assert (done.returncode, f"could not log in to {REGISTRY}" in done.stderr) == (1, True)
    assert calls(log, "build") == []


def test_an_aws_that_cannot_be_reached_is_told_apart_from_a_repository_that_lacks(
    run: Run, log: Path, tmp_path: Path
) -> None:
    """The password comes from a double here: the next call is the first to go out."""
    (tmp_path / "aws").write_text(
        '#!/bin/bash\n[[ "$*" != *get-login-password ]] || { echo secret; exit; }\n'
        f'exec {Path(sys.executable).parent}/aws "$@"\n'
    )
    (tmp_path / "aws").chmod(0o755)
    done = run(REGISTRY, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "the repositories cannot be looked at: Could not connect" in done.stderr
    assert calls(log, "build") == []


def test_an_image_that_is_not_built_leaves_the_registry_as_it_was(
    run: Run, made: None, log: Path
) -> None:
    done = run(REGISTRY, FAILING="build*openvoice-gpu:latest .")
    assert (done.returncode, "openvoice-gpu is not built" in done.stderr) == (1, True)
    assert calls(log, "push") == []


def test_an_image_that_is_not_pushed_is_named(run: Run, made: None, log: Path) -> None:
    done = run(REGISTRY, FAILING="push*video-message-frontend:latest")
    assert done.returncode == 1
    assert "video-message-frontend:latest is not pushed" in done.stderr
    assert len(calls(log, "push")) == 4
