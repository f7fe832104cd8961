"""Parts of the machines' first script, run as they stand there."""

import os
import re
import subprocess
from pathlib import Path

import pytest

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
