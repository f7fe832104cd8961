"""Costs and schedule need nothing but Python: neither does what tests them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# -S leaves out every installed package, and -E whatever the environment adds.
BARE = [sys.executable, "-S", "-E"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BARE, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_this_python_is_bare() -> None:
    assert "No module named 'boto3'" in run("-c", "import boto3").stderr


@pytest.mark.parametrize("part", ["costs", "schedule_lambda"])
def test_its_tests_pass_on_a_bare_python(part: str) -> None:
    done = run("-m", "unittest", "discover", "-s", f"infra/{part}", "-t", ".")
    assert done.returncode == 0, done.stderr
    ran = re.search(r"Ran (\d+) tests", done.stderr)
    assert ran is not None
    assert int(ran[1]) > 10


def test_the_bill_is_reckoned_on_a_bare_python() -> None:
    assert "| GPU always on | 511 | 511.20 |" in run("-m", "infra.costs").stdout
