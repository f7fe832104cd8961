"""Whether what a command names exists: each program is asked in its own way.

A complaint is a sentence; no complaints means that everything is real.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from awscli.clidriver import create_clidriver  # type: ignore[import-untyped]
from botocore.utils import ArgumentGenerator

from infra.tests.guide import HERE
from infra.tests.shell import SUBSTITUTED, Command, NotUnderstood, read_commands

ROOT = Path(__file__).parents[2]
TERRAFORM = ROOT / "infra/terraform"
# What the guide has people make: its folder must exist.
MADE = {
    "infra/terraform/gpu/backend.tf",
    "infra/terraform/gpu/terraform.tfvars",
    "infra/terraform/bootstrap/terraform.tfstate",
}
# Programs of which only the paths and addresses among their arguments are looked at.
OTHERS = {
    "cat", "cd", "curl", "dig", "echo", "git", "mountpoint", "pg_dump", "pg_restore", "rm", "sed",
    "session-manager-plugin", "ssh", "ssh-add", "ssh-keygen", "tail", "tar", "tee",
}  # fmt: skip
# `terraform -help` of each, asked by a test where there is a terraform.
TERRAFORM_OPTIONS = {
    "init": {"-migrate-state"},
    "plan": {"-out", "-var"},
    "apply": {"-replace", "-var"},
    "destroy": {"-var"},
    "output": {"-raw", "-json"},
    "force-unlock": set(),
    "version": set(),
}
COMPOSE_VERBS = {"exec", "run", "up", "stop", "restart", "ps", "logs"}
SYSTEMCTL_VERBS = {"status", "start", "stop", "restart"}
# The status with which programs refuse a line that they do not understand.
MISUSE = 2
Complaints = list[str]


def check_script(script: str, place: str = HERE, *, is_whole: bool = True) -> Complaints:
    """Return what is not real in a script; `is_whole`: options that are needed must be there."""
    try:
        commands = read_commands(script)
    except NotUnderstood as problem:
        return [f"not understood: {problem}"]
    return [each for command in commands for each in check(command, place, is_whole=is_whole)]


def check(command: Command, place: str = HERE, *, is_whole: bool = True) -> Complaints:
    """Return what is not real in one command."""
    words = _without_wrappers(command.words)
    complaints = [each for word in (*words, *command.files) for each in check_path(word)]
    if not words:
        return complaints
    program, arguments = words[0], list(words[1:])
    if program == "aws":
        return complaints + check_aws(arguments, is_whole=is_whole)
    if program in CHECKS:
        return complaints + CHECKS[program](arguments)
    # A path was looked at already.
    if program not in OTHERS | {"export"} and not program.startswith("/"):
        complaints.append(f"{program}: nobody knows this program")
    return complaints


def is_command(text: str) -> bool:
    """Tell whether words in backticks are a command rather than a name."""
    program, _, rest = text.partition(" ")
    return bool(rest) and program in {*CHECKS, "aws", "git", "ssh", "sudo", "dig", "curl"}


def _without_wrappers(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the command that sudo or xargs is given, with a stand-in for what xargs adds."""
    if words[:1] == ("sudo",):
        rest = words[1:]
        while rest and (rest[0] == "-i" or "=" in rest[0]):
            rest = rest[1:]
        return _without_wrappers(rest)
    if words[:3] == ("xargs", "-n", "1"):
        return (*_without_wrappers(words[3:]), SUBSTITUTED)
    return words


# --- paths and addresses --------------------------------------------------------------------


@cache
def machines() -> str:
    """Return both machines' first scripts, as they are written out."""
    found = [
        (TERRAFORM / f"modules/{name}/user_data.sh.tftpl").read_text() for name in ("app", "gpu")
    ]
    text = "\n".join(found).replace("$HOME_DIR", "/opt/video-message")
    secrets = re.findall(r"\$\((?:secret|given) ([\w-]+)\)", text)
    text = text.replace("${project}", "video-message")
    # Inside of the containers, where people look for it by hand.
    (data,) = set(re.findall(r"DATA_DIR: (\S+)", (ROOT / "docker-compose.yml").read_text()))
    names = [f"/video-message/{name}" for name in secrets]
    return "\n".join([text, "/video-message/", *names, f"{data}/storage"])


def check_path(word: str) -> Complaints:
    """Return a complaint about a path of the checkout or of a machine that is not there."""
    complaints = [
        f"{address}: no machine has this address"
        for address in re.findall(r"\b10(?:\.\d+){3}\b", word)
        if not any(f'"{address}"' in path.read_text() for path in TERRAFORM.rglob("*.tf"))
    ]
    path = word.split("=", 1)[-1]
    if path.startswith("/") and path != "/":
        if not re.search(rf"{re.escape(path)}(?![\w-])", machines()):
            complaints.append(f"{path}: neither machine has it, nor is it a secret's name")
    elif "/" in path and (ROOT / path.split("/")[0]).is_dir():
        complaints += _check_checkout(path)
    return complaints


def _check_checkout(path: str) -> Complaints:
    file = ROOT / path
    if file.exists() or (path in MADE and file.parent.is_dir()):
        return []
    return [f"{path}: there is no such file"]


# --- make -----------------------------------------------------------------------------------


def check_make(arguments: list[str], makefile: str | None = None) -> Complaints:
    """Return targets that do not exist, and variables that the Makefile does not read."""
    text = (ROOT / "Makefile").read_text() if makefile is None else makefile
    targets = set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))
    complaints = []
    for argument in arguments:
        name, is_set, _ = argument.partition("=")
        if is_set and f"$({name})" not in text:
            complaints.append(f"make {argument}: the Makefile does not read {name}")
        elif not is_set and name not in targets:
            complaints.append(f"make {name}: there is no such target")
    return complaints


# --- our own programs -----------------------------------------------------------------------


def check_gpu_manage(arguments: list[str]) -> Complaints:
    """Run the script on an AWS CLI that refuses everything: what it calls misuse is not real."""
    if arguments == ["batch", "--local"]:
        return []
    with tempfile.TemporaryDirectory() as folder:
        aws = Path(folder) / "aws"
        aws.write_text("#!/bin/sh\nexit 1\n")
        aws.chmod(0o755)
        done = subprocess.run(
            ["bash", str(ROOT / "infra/scripts/gpu-manage.sh"), *arguments],
            env={"PATH": f"{folder}:/usr/bin:/bin", "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )
    is_misuse = done.returncode == MISUSE
    return [f"gpu-manage.sh {' '.join(arguments)}: {done.stderr.strip()}"] if is_misuse else []


def check_python(arguments: list[str]) -> Complaints:
    """Ask a module of ours for its help: it must exist, name the options, and take the words."""
    if arguments[:1] != ["-m"] or len(arguments) < 2:
        return [f"python {' '.join(arguments)}: only `python -m MODULE` is known"]
    first = next((n for n, each in enumerate(arguments) if n and each[0] == "-"), len(arguments))
    status, told = _ask_for_help(*arguments[:first])
    known = set(re.findall(r"--?[a-z][a-z-]*", told))
    options = [each.partition("=")[0] for each in arguments[2:] if each.startswith("-")]
    if unknown := [each for each in options if each not in known] if status == 0 else []:
        return [f"{arguments[1]} has no option {each}" for each in unknown]
    status, told = _ask_for_help(*arguments)
    return [] if status == 0 else [f"python {' '.join(arguments)}: {told[-300:]}"]


@cache
def _ask_for_help(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, *arguments, "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


# --- Terraform ------------------------------------------------------------------------------


@cache
def names_of(folder: Path, kind: str) -> frozenset[str]:
    """Return the names of a module's variables or outputs."""
    text = "\n".join(path.read_text() for path in folder.glob("*.tf"))
    return frozenset(re.findall(rf'^{kind} "(\w+)"', text, re.MULTILINE))


def check_terraform(arguments: list[str]) -> Complaints:
    """Return commands, options, variables, outputs and addresses that do not exist."""
    folder = TERRAFORM / "gpu"
    if arguments and arguments[0].startswith("-chdir="):
        folder = ROOT / arguments[0].removeprefix("-chdir=")
        arguments = arguments[1:]
    if not list(folder.glob("*.tf")):
        return [f"{folder}: no Terraform is there"]
    verb, rest = (arguments or [""])[0], arguments[1:]
    if verb not in TERRAFORM_OPTIONS:
        return [f"terraform {verb}: nobody knows this"]
    complaints = []
    for number, word in enumerate(rest):
        if word.startswith("-"):
            complaints += _check_terraform_option(folder, verb, word, rest[number + 1 :])
        elif verb == "output" and word not in names_of(folder, "output"):
            complaints.append(f"{word}: {folder.name} has no such output")
    return complaints


def _check_terraform_option(folder: Path, verb: str, word: str, after: list[str]) -> Complaints:
    option, _, value = word.partition("=")
    if option not in TERRAFORM_OPTIONS[verb]:
        return [f"terraform {verb} {option}: nobody knows this option"]
    if option == "-var":
        name = (value or (after or [""])[0]).partition("=")[0]
        return check_variable(name, folder)
    if option == "-replace":
        return _check_address(value, folder)
    return []


def check_variable(name: str, folder: Path = TERRAFORM / "gpu") -> Complaints:
    """Return a complaint where the module has no such variable."""
    is_known = name in names_of(folder, "variable")
    return [] if is_known else [f"{name}: {folder.name} has no such variable"]


def _check_address(address: str, folder: Path) -> Complaints:
    match = re.fullmatch(r"module\.(\w+)(?:\[0\])?\.(\w+)\.(\w+)", address)
    if match is None:
        return [f"{address}: not the address of a resource"]
    has_module = f'\nmodule "{match[1]}" {{' in (folder / "main.tf").read_text()
    files = (TERRAFORM / "modules" / match[1]).glob("*.tf")
    resource = f'resource "{match[2]}" "{match[3]}"'
    has_resource = any(resource in path.read_text() for path in files)
    return [] if has_module and has_resource else [f"{address}: there is no such resource"]


# --- docker and systemd ---------------------------------------------------------------------


@cache
def services() -> frozenset[str]:
    """Return the services of the compose files that the app machine merges."""
    found: set[str] = set()
    for file in ("docker-compose.yml", "infra/compose/aws.yml"):
        text = re.sub(r"!\w+ ", "", (ROOT / file).read_text())  # compose's own tags
        found |= set(yaml.safe_load(text)["services"])
    return frozenset(found)


def check_docker(arguments: list[str]) -> Complaints:
    """Return services of compose that do not exist, and what is wrong with what runs in them."""
    if arguments[:1] != ["compose"] or len(arguments) < 2 or arguments[1] not in COMPOSE_VERBS:
        return [f"docker {' '.join(arguments[:2])}: nobody knows this"]
    verb, rest = arguments[1], arguments[2:]
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] == "--tail" else rest[1:]
    inner = rest[1:] if verb in ("exec", "run") else []
    named = rest[:1] if verb in ("exec", "run") else rest
    complaints = [f"{each}: no such service" for each in named if each not in services()]
    return complaints + (check(Command(tuple(inner)), "app") if inner else [])


def check_systemctl(arguments: list[str]) -> Complaints:
    """Return units that neither machine has."""
    if not arguments or arguments[0] not in SYSTEMCTL_VERBS:
        return [f"systemctl {' '.join(arguments[:1])}: nobody knows this"]
    return [each for unit in arguments[1:] for each in check_unit(unit)]


def check_unit(unit: str) -> Complaints:
    """Return a complaint where neither machine's first script writes the unit."""
    has_it = f"/etc/systemd/system/{unit.removesuffix('.service')}.service" in machines()
    return [] if has_it else [f"{unit}: neither machine has this unit"]


def check_journalctl(arguments: list[str]) -> Complaints:
    """Return units that neither machine has, and options that are not known here."""
    complaints = []
    pairs = zip(arguments, [*arguments[1:], ""], strict=True)
    for word, value in pairs:
        if word == "--unit":
            complaints += check_unit(value)
        elif word.startswith("-") and word not in ("--lines", "--no-pager"):
            complaints.append(f"journalctl {word}: nobody knows this option")
    return complaints


def check_bash(arguments: list[str]) -> Complaints:
    """Nothing but a script of a machine, whose path was looked at already."""
    return [] if len(arguments) == 1 else [f"bash {' '.join(arguments)}: nobody knows this"]


# --- AWS ------------------------------------------------------------------------------------


@cache
def _driver() -> Any:
    return create_clidriver()


def check_aws(arguments: list[str], *, is_whole: bool = True) -> Complaints:
    """Ask the AWS CLI itself: service, operation and options, and the values of a call."""
    if arguments in (["configure"], ["--version"]):
        return []
    table = _driver()._get_command_table()
    named: list[str] = []
    command: Any = None
    while arguments and not arguments[0].startswith("-") and table:
        if arguments[0] not in table:
            break
        command, named, arguments = table[arguments[0]], [*named, arguments[0]], arguments[1:]
        table = _subcommands(command)
    called = f"aws {' '.join(named)}"
    if table or command is None:
        return [f"{called} {' '.join(arguments[:1])}: AWS has no such operation"]
    complaints = _check_options(called, command, arguments, is_whole=is_whole)
    if complaints or not is_whole or not hasattr(command, "_operation_model"):
        return complaints
    return _check_call(called, [*named, *_with_values(command, arguments)])


def _subcommands(command: Any) -> dict[str, Any]:
    if hasattr(command, "_operation_model"):
        return {}
    if hasattr(command, "_get_command_table"):
        found: dict[str, Any] = command._get_command_table()
        return found
    return dict(getattr(command, "subcommand_table", {}))


def _check_options(called: str, command: Any, words: list[str], *, is_whole: bool) -> Complaints:
    known = {*command.arg_table, *_driver()._get_cli_data()["options"]}
    given = [word.removeprefix("--") for word in words if word.startswith("--")]
    complaints = [f"{called} has no option --{each}" for each in given if each not in known]
    needed = [name for name, each in command.arg_table.items() if each.required]
    lacking = [
        name for name in needed if name not in given and not command.arg_table[name].positional_arg
    ]
    if is_whole:
        complaints += [f"{called} needs --{each}" for each in lacking]
    return complaints


def _with_values(command: Any, words: list[str]) -> list[str]:
    """Return the words with something of the right shape where a shell would put it."""
    found, option = [], ""
    for word in words:
        option = word.removeprefix("--") if word.startswith("--") else option
        model = getattr(command.arg_table.get(option), "argument_model", None)
        if word == SUBSTITUTED and model is not None and model.type_name == "structure":
            skeleton = ArgumentGenerator(use_member_names=True).generate_skeleton(model)
            found.append(json.dumps(skeleton, default=str))
        elif re.match(r"fileb?://", word):
            found.append("0" * 100)
        else:
            found.append(re.sub(rf"{SUBSTITUTED}|\$\w+", "x" * 20, word))
    return found


class _Reached(Exception):
    """The CLI was about to call AWS: it has read every value."""


def _check_call(called: str, words: list[str]) -> Complaints:
    """Have the CLI read the values, up to where it would call AWS."""
    said, reached = StringIO(), []

    def stop(**_: object) -> None:
        reached.append(called)
        raise _Reached

    # A new one each time: what a call asks for stays with the driver that made it.
    driver = create_clidriver()
    driver.session.register("before-call", stop)
    with _nobodys_account(), redirect_stderr(said), redirect_stdout(StringIO()):
        driver.main(words)
    return [] if reached else [f"{called}: {said.getvalue().strip()[-300:]}"]


@contextmanager
def _nobodys_account() -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(
        AWS_DEFAULT_REGION="ap-northeast-1",
        AWS_ACCESS_KEY_ID="testing",
        AWS_SECRET_ACCESS_KEY="testing",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE="/dev/null",
    )
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


CHECKS: dict[str, Callable[[list[str]], Complaints]] = {
    "make": check_make,
    "infra/scripts/gpu-manage.sh": check_gpu_manage,
    "gpu-manage.sh": check_gpu_manage,
    "python": check_python,
    "python3": check_python,
    "terraform": check_terraform,
    "docker": check_docker,
    "systemctl": check_systemctl,
    "journalctl": check_journalctl,
    "bash": check_bash,
}
