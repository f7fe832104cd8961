"""Terraform on a copy of ours, beside which nothing of this computer lies.

The provider comes from TF_PLUGIN_DIR (or /opt/tf-plugins), else `terraform init` fetches it.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

TERRAFORM = Path(__file__).parents[1] / "terraform"
# What an operator has beside it: where the state is, what it holds, and their own wishes.
OPERATORS = (".terraform*", "*.tfstate*", "*.tfvars*", "backend.tf")
MISSING = "Terraform or its AWS provider is not here: infra/terraform was not tested."


def copy_terraform(folder: Path, source: Path = TERRAFORM) -> Path:
    """Return a fresh copy of infra/terraform below `folder`, without what is an operator's."""
    ignored = shutil.ignore_patterns(*OPERATORS)
    return Path(shutil.copytree(source, folder / "infra/terraform", ignore=ignored))


def lacks_provider(done: subprocess.CompletedProcess[str]) -> bool:
    """Tell whether `init` failed for what is not here; a mistake of ours is none of that."""
    lacking = r"Failed to (query available provider|install provider)"
    return done.returncode != 0 and bool(re.search(lacking, done.stderr))


def init(folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `terraform init` with the provider that is at hand."""
    plugins = Path(os.environ.get("TF_PLUGIN_DIR", "/opt/tf-plugins"))
    wishes = [f"-plugin-dir={plugins}"] if plugins.is_dir() else []
    return terraform(folder, environment, "init", "-input=false", *wishes)


def terraform(
    folder: Path, environment: Mapping[str, str], verb: str, *options: str, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `terraform VERB OPTIONS` in `folder`; `typed`: what is typed into its console."""
    return subprocess.run(
        ["terraform", verb, *([] if verb == "console" else ["-no-color"]), *options],
        input=typed,
        cwd=folder,
        env={**environment, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def first_script(machine: str, values: Mapping[str, object], folder: Path) -> str:
    """Return a machine's user data as Terraform writes it; `folder` holds no Terraform."""
    template = TERRAFORM / f"modules/{machine}/user_data.sh.tftpl"
    call = f"jsonencode(templatefile({json.dumps(str(template))}, {json.dumps(dict(values))}))"
    found = terraform(folder, os.environ, "console", typed=call)
    assert found.returncode == 0, found.stderr
    return str(json.loads(json.loads(found.stdout)))
