"""Terraform's own checks: format, types, and the rules that hold on every topology and market."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.schedule_lambda.pack import HANDLER, pack
from infra.tests import workspace

INFRA = Path(__file__).parents[1]
Terraform = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Run terraform on a copy, beside which nothing of this computer lies."""
    if shutil.which("terraform") is None:
        pytest.skip(workspace.MISSING)
    copy = workspace.copy_terraform(tmp_path_factory.mktemp("terraform"))
    pack(copy.parent / "schedule_lambda/build/schedule.zip")

    def call(folder: str, verb: str, *options: str) -> subprocess.CompletedProcess[str]:
        return workspace.terraform(copy / folder, os.environ, verb, *options)

    for folder in ("gpu", "bootstrap"):
        done = workspace.init(copy / folder, os.environ)
        if workspace.lacks_provider(done):
            pytest.skip(workspace.MISSING)
        # A mistake in our own files is none of the machine's.
        assert done.returncode == 0, done.stderr
    return call


def test_it_is_formatted(terraform: Terraform) -> None:
    done = terraform(".", "fmt", "-check", "-recursive")
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("folder", ["gpu", "bootstrap"])
def test_it_is_valid(terraform: Terraform, folder: str) -> None:
    done = terraform(folder, "validate")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_an_operator_has_beside_it_is_not_looked_at(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs/gpu"
    theirs.mkdir(parents=True)
    for name in ("main.tf", "backend.tf", "terraform.tfvars", "x.auto.tfvars", "x.tfstate.backup"):
        (theirs / name).touch()
    copy = workspace.copy_terraform(tmp_path / "copy", theirs.parent)
    assert [path.name for path in copy.rglob("*") if path.is_file()] == ["main.tf"]


def test_its_rules_hold_on_every_topology_and_market(terraform: Terraform) -> None:
    done = terraform("gpu", "test")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    runs = re.findall(r"^run ", (INFRA / "terraform/gpu/tests/rules.tftest.hcl").read_text(), re.M)
    assert f"Success! {len(runs)} passed, 0 failed" in done.stdout


@pytest.mark.parametrize("machine", ["app", "gpu"])
@pytest.mark.parametrize("is_full", [True, False], ids=["full", "bare"])
def test_user_data_is_a_shell_script_without_findings(
    machine: str, is_full: bool, tmp_path: Path
) -> None:
    if shutil.which("terraform") is None:
        pytest.skip(workspace.MISSING)
    template = INFRA / f"terraform/modules/{machine}/user_data.sh.tftpl"
    values: dict[str, object] = dict.fromkeys(
        re.findall(r"\$\{(\w+)\}", template.read_text()), "given"
    )
    values |= {
        "image_registry": "given" if is_full else "",
        "repository_url": "https://git.example",
    }
    mail = dict.fromkeys(("from", "smtp_host", "smtp_port", "smtp_security", "smtp_user"), "given")
    mail["transport"] = "smtp" if is_full else "none"
    values |= {"tls": is_full, "has_gpu": is_full, "mail": mail}
    script = workspace.first_script(machine, values, tmp_path)
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "shellcheck"), "-"],
        input=script, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (checked.returncode, checked.stdout) == (0, "")


def sources() -> str:
    return "\n".join(path.read_text() for path in sorted((INFRA / "terraform").rglob("*.tf")))


def test_the_rules_leave_no_way_in_out_and_know_no_other_kind() -> None:
    """The tests of Terraform see what the outputs name: here is what nobody named."""
    network = (INFRA / "terraform/modules/network/outputs.tf").read_text()
    kind = "aws_vpc_security_group_ingress_rule"
    ways_in = re.findall(rf'^resource "{kind}" "(\w+)"', sources(), re.M)
    listed = network[network.index("ways_in = concat(") : network.index('output "rules"')]
    assert sorted(ways_in) == sorted(re.findall(rf"{kind}\.(\w+)", listed))
    assert not re.search(r'"aws_security_group_rule"|^\s*ingress\s*[{=]', sources(), re.M)


def test_there_is_no_nat() -> None:
    resources = re.findall(r'^resource "(\w+)"', sources(), re.M)
    assert [name for name in resources if "nat" in name.split("_")] == []
    assert len([name for name in resources if name == "aws_route"]) == 1


def test_every_exception_of_checkov_has_its_reason() -> None:
    exceptions = re.findall(r"checkov:skip=(.*)", sources())
    assert exceptions
    assert [each for each in exceptions if not re.match(r"CKV2?_\w+:\w.{10,}$", each)] == []


def test_it_names_what_there_is() -> None:
    variables = (INFRA / "terraform/gpu/variables.tf").read_text()
    script = (INFRA / "scripts/gpu-manage.sh").read_text()
    (parameter,) = re.findall(r'"(/aws/service/deeplearning/[^"]+)"', variables)
    assert f"AMI_PARAMETER={parameter}\n" in script
    assert HANDLER in (INFRA / "terraform/modules/schedule/main.tf").read_text()
