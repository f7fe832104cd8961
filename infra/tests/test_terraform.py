"""Terraform's own checks: format, types, and the rules that hold on every topology and market.

The provider comes from TF_PLUGIN_DIR (or /opt/tf-plugins), else `terraform init` fetches it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.schedule_lambda.pack import HANDLER, pack

INFRA = Path(__file__).parents[1]
MISSING = "Terraform or its AWS provider is not here: infra/terraform was not tested."
Terraform = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Run terraform on a copy, beside which nothing of this computer lies."""
    if shutil.which("terraform") is None:
        pytest.skip(MISSING)
    copy = tmp_path_factory.mktemp("terraform") / "infra"
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "__pycache__")
    shutil.copytree(INFRA / "terraform", copy / "terraform", ignore=ignored)
    pack(copy / "schedule_lambda/build/schedule.zip")
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}

    def call(folder: str, verb: str, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", verb, "-no-color", *options],
            cwd=copy / "terraform" / folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    plugins = Path(os.environ.get("TF_PLUGIN_DIR", "/opt/tf-plugins"))
    wishes = [f"-plugin-dir={plugins}"] if plugins.is_dir() else []
    for folder in ("gpu", "bootstrap"):
        if call(folder, "init", "-input=false", *wishes).returncode != 0:
            pytest.skip(MISSING)
    return call


def test_it_is_formatted(terraform: Terraform) -> None:
    done = terraform(".", "fmt", "-check", "-recursive")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("folder", ["gpu", "bootstrap"])
def test_it_is_valid(terraform: Terraform, folder: str) -> None:
    done = terraform(folder, "validate")
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_rules_hold_on_every_topology_and_market(terraform: Terraform) -> None:
    done = terraform("gpu", "test")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert re.search(r"Success! 1[5-9] passed, 0 failed", done.stdout)


def test_it_names_what_there_is() -> None:
    variables = (INFRA / "terraform/gpu/variables.tf").read_text()
    script = (INFRA / "scripts/gpu-manage.sh").read_text()
    (parameter,) = re.findall(r'"(/aws/service/deeplearning/[^"]+)"', variables)
    assert f"AMI_PARAMETER={parameter}\n" in script
    assert HANDLER in (INFRA / "terraform/modules/schedule/main.tf").read_text()
