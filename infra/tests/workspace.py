"""Terraform on a copy of ours, beside which nothing of this computer lies.

The provider comes from TF_PLUGIN_DIR (or /opt/tf-plugins), else `terraform init` fetches it.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

TERRAFORM = Path(__file__).parents[1] / "terraform"
MISSING = "Terraform or its AWS provider is not here: infra/terraform was not tested."


def copy_terraform(folder: Path) -> Path:
    """Return a fresh copy of infra/terraform below `folder`."""
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*", "*.tfvars*")
    return Path(shutil.copytree(TERRAFORM, folder / "infra/terraform", ignore=ignored))


def init(folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `terraform init` with the provider that is at hand."""
    plugins = Path(os.environ.get("TF_PLUGIN_DIR", "/opt/tf-plugins"))
    wishes = [f"-plugin-dir={plugins}"] if plugins.is_dir() else []
    return terraform(folder, environment, "init", "-input=false", *wishes)


def terraform(
    folder: Path, environment: Mapping[str, str], verb: str, *options: str
) -> subprocess.CompletedProcess[str]:
    """Run `terraform VERB OPTIONS` in `folder`."""
    return subprocess.run(
        ["terraform", verb, "-no-color", *options],
        cwd=folder,
        env={**environment, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
