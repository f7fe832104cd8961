"""The compose files and images, as far as they can be looked at without a container engine.

podman-compose merges files and profiles, check-jsonschema carries the Compose Specification's
schema; both stand in .venv-infra, which `make infra-check` makes. Where docker compose itself is
installed, it reads every combination, too.
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from backend.settings import Settings
from openvoice_service.settings import SpeechSettings

ROOT = Path(__file__).parents[2]
TOOLS = ROOT / ".venv-infra/bin"
LOCAL, GPU, AWS = "docker-compose.yml", "docker-compose.gpu.yml", "infra/compose/aws.yml"
# On this computer, on it with a GPU, and on AWS with two machines and with one.
COMBINATIONS = [(LOCAL,), (LOCAL, GPU), (LOCAL, AWS), (LOCAL, AWS, GPU)]
PROFILES: list[tuple[str, ...]] = [(), ("tls",), ("voicevox",), ("tls", "voicevox")]
OWN_IMAGES = ("backend", "worker", "openvoice")
GIB = 2**30
UNITS = {"m": 2**20, "g": GIB}
EVERY_MERGE = [
    pytest.param(files, profiles, id=" ".join((*files, *profiles)))
    for files in COMBINATIONS
    for profiles in PROFILES
]


class ComposeLoader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML with compose's own tags, each read as what it stands before."""


def read_tagged(loader: ComposeLoader, _: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


ComposeLoader.add_multi_constructor("!", read_tagged)


def compose_file(name: str) -> Any:
    return yaml.load((ROOT / name).read_text(), ComposeLoader)


def services(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose_file(name)["services"]
    return found


def tool(name: str) -> str:
    if not (TOOLS / name).exists():
        sentence = f"{name} is not here: `make infra-check` installs it into .venv-infra."
        if os.environ.get("CI"):
            pytest.fail(sentence)
        pytest.skip(sentence)
    return str(TOOLS / name)


def environment(files: tuple[str, ...]) -> dict[str, str]:
    """What user data's .env would say, without which the files of AWS refuse to be merged."""
    required = re.findall(r"\$\{(\w+):\?\}", "".join((ROOT / file).read_text() for file in files))
    return {"PATH": os.environ["PATH"], "IMAGE_REGISTRY": ""} | dict.fromkeys(required, "given")


def call(*command: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def options(files: tuple[str, ...], profiles: tuple[str, ...]) -> Iterator[str]:
    for file in files:
        yield from ("--file", file)
    for profile in profiles:
        yield from ("--profile", profile)


@cache
def merge(files: tuple[str, ...], profiles: tuple[str, ...] = (), **changes: str) -> str:
    # Dry, since a podman that is lacking would end it; this way it only reads.
    command = [tool("podman-compose"), "--dry-run", *options(files, profiles), "config"]
    return call(*command, env=environment(files) | changes)


def merged(files: tuple[str, ...], profiles: tuple[str, ...] = (), **changes: str) -> Any:
    return yaml.safe_load(merge(files, profiles, **changes))["services"]


def hold_to_schema(*paths: Path) -> None:
    """Check them in one process, since its start takes longest; it names each by its path."""
    call(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", *map(str, paths))


# --- the schema -----------------------------------------------------------------------------


def test_every_file_and_every_combination_keeps_to_the_schema_of_compose(tmp_path: Path) -> None:
    found = {name: yaml.safe_dump(compose_file(name)) for name in (LOCAL, GPU, AWS)}
    for files in COMBINATIONS:
        for profiles in PROFILES:
            found[" ".join(("merged", *files, *profiles))] = merge(files, profiles)
    for name, text in found.items():
        (tmp_path / f"{name.replace('/', ' of ')}.yml").write_text(text)
    assert len(found) == 3 + len(EVERY_MERGE)
    hold_to_schema(*tmp_path.iterdir())


@pytest.mark.parametrize(("files", "profiles"), EVERY_MERGE)
def test_every_combination_has_what_its_profiles_say_and_what_that_waits_for(
    files: tuple[str, ...], profiles: tuple[str, ...]
) -> None:
    found = merged(files, profiles)
    assert ("voicevox" in found) == ("voicevox" in profiles)
    assert ("caddy" in found) == (AWS in files and "tls" in profiles)
    # What is waited for must be there, whichever profile is on.
    waited_for = {name for service in found.values() for name in service.get("depends_on", {})}
    assert waited_for <= set(found)


def test_a_word_that_compose_does_not_know_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("services: {frontend: {image: a, memory_limit: 1g}}")
    with pytest.raises(AssertionError, match="memory_limit"):
        hold_to_schema(wrong)


@cache
def has_docker_compose() -> bool:
    asked = ["docker", "compose", "version"]
    return (
        bool(shutil.which("docker"))
        and not subprocess.run(asked, capture_output=True, check=False).returncode
    )


@pytest.mark.parametrize(("files", "profiles"), EVERY_MERGE)
def test_docker_compose_itself_reads_them(
    files: tuple[str, ...], profiles: tuple[str, ...]
) -> None:
    if not has_docker_compose():
        pytest.skip("docker compose is not here: podman-compose alone has merged the files.")
    here = {key: os.environ[key] for key in ("HOME", "DOCKER_CONFIG") if key in os.environ}
    wishes = environment(files) | here
    call("docker", "compose", *options(files, profiles), "config", "--quiet", env=wishes)


# --- local development ----------------------------------------------------------------------


def started_with(*names: str) -> set[str]:
    """What `docker compose up --detach NAMES` starts: those, and whatever they wait for."""
    known, found, waiting = services(LOCAL), set[str](), list(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting += set(known[name].get("depends_on", {})) - found
    return found


def size(limit: str) -> int:
    return int(limit[:-1]) * UNITS[limit[-1]]


def test_it_all_starts_without_a_gpu() -> None:
    assert services(LOCAL)["openvoice"]["build"]["target"] == "cpu"
    assert "devices" not in (ROOT / LOCAL).read_text()
    first = {name for name, service in services(LOCAL).items() if "profiles" not in service}
    assert started_with(*first) == {"frontend", "backend", "worker", "openvoice", "postgres"}


def test_three_names_bring_all_that_they_need() -> None:
    found = started_with("frontend", "backend", "voicevox")
    assert found == {"frontend", "backend", "worker", "openvoice", "postgres", "voicevox"}


def test_all_of_it_fits_into_seven_gigabytes() -> None:
    limits = {name: size(service["mem_limit"]) for name, service in services(LOCAL).items()}
    assert set(limits) == set(services(LOCAL))
    assert sum(limits.values()) <= 7 * GIB


def test_only_the_page_and_the_api_are_open_and_to_this_computer_alone() -> None:
    ports = {
        name: service["ports"] for name, service in services(LOCAL).items() if "ports" in service
    }
    assert ports == {"frontend": ["127.0.0.1:55434:55434"], "backend": ["127.0.0.1:55433:55433"]}
    assert not [name for name, service in services(LOCAL).items() if "network_mode" in service]


# --- with a GPU, and on AWS -----------------------------------------------------------------


@pytest.mark.parametrize("files", [(LOCAL, GPU), (LOCAL, AWS, GPU)], ids=" ".join)
def test_a_gpu_brings_its_image_its_device_and_its_weights(files: tuple[str, ...]) -> None:
    openvoice = merged(files)["openvoice"]
    assert (openvoice["build"]["target"], openvoice["image"]) == ("cuda", "openvoice-gpu")
    (device,) = openvoice["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    assert "models:/opt/models" in openvoice["volumes"]
    assert openvoice["environment"]["MODELS_DIR"] == "/opt/models"


def test_the_weights_may_lie_in_a_folder() -> None:
    found = merged((LOCAL, GPU), WEIGHTS_DIR="/mnt/shared/models")["openvoice"]["volumes"]
    assert "/mnt/shared/models:/opt/models" in found


def test_the_weights_volume_belongs_to_the_user_of_the_image() -> None:
    """A volume takes its owner from the image's folder; without one it is root's."""
    made = re.search(
        r"install -d -o videomessage (.+)", (ROOT / "openvoice_service/Dockerfile").read_text()
    )
    assert made
    assert "/opt/models" in made[1].split()


def test_a_gpu_changes_nothing_else() -> None:
    plain, with_gpu = merged((LOCAL,)), merged((LOCAL, GPU))
    assert {name for name in with_gpu if with_gpu[name] != plain.get(name)} == {"openvoice"}


@pytest.mark.parametrize(
    ("files", "memory"),
    [((LOCAL, AWS), 8 * GIB), ((LOCAL, AWS, GPU), 16 * GIB)],
    ids=["two", "one"],
)
def test_on_aws_it_leaves_a_gigabyte_to_the_machine(files: tuple[str, ...], memory: int) -> None:
    limits = [size(service["mem_limit"]) for service in merged(files, ("tls",)).values()]
    assert sum(limits) <= memory - GIB


def test_on_aws_with_tls_only_caddy_is_open() -> None:
    """The others' addresses come from PLAIN_BIND, which is this computer's own with tls."""
    found = merged((LOCAL, AWS), ("tls",))
    ports = {name: service["ports"] for name, service in found.items() if "ports" in service}
    assert ports.pop("caddy") == ["80:80", "443:443"]
    assert set(ports) == {"frontend", "backend"}
    for name, (port,) in ports.items():
        assert port.startswith("${PLAIN_BIND:-127.0.0.1}:"), name


def test_on_aws_no_secret_of_local_development_is_left() -> None:
    assert "videomessage:videomessage" not in str(merged((LOCAL, AWS)))


# --- both -----------------------------------------------------------------------------------


@pytest.mark.parametrize("files", COMBINATIONS, ids=" ".join)
def test_compose_sets_only_what_somebody_reads(files: tuple[str, ...]) -> None:
    known = {name.upper() for name in (*Settings.model_fields, *SpeechSettings.model_fields)}
    known |= {"AWS_DEFAULT_REGION"}  # boto3 does
    for name, service in merged(files).items():
        if name in OWN_IMAGES:
            assert set(service.get("environment", {})) <= known, name


def test_every_visitor_keeps_an_address_of_their_own() -> None:
    """Tries are limited by address: behind nginx all would be one, and one could stop all."""
    local, aws = services(LOCAL), services(AWS)
    nginx = local["frontend"]["networks"]["default"]["ipv4_address"]
    caddy = aws["caddy"]["networks"]["default"]["ipv4_address"]
    believed = local["backend"]["environment"]["TRUSTED_PROXIES"]
    assert seen_by_backend(believed, peer=nginx, told="203.0.113.7") == "203.0.113.7"
    # Whoever reaches the published port comes from the network's gateway, and tells what they like.
    (pool,) = compose_file(LOCAL)["networks"]["default"]["ipam"]["config"]
    gateway = str(next(ip_network(pool["subnet"]).hosts()))
    assert seen_by_backend(believed, peer=gateway, told="127.0.0.1") == gateway
    for fixed in (nginx, caddy):
        assert ip_address(fixed) in ip_network(pool["subnet"])
        assert ip_address(fixed) not in ip_network(pool["ip_range"]), "nobody else is given it"
    conf = (ROOT / "frontend/nginx.conf").read_text()
    assert re.findall(r"set_real_ip_from (\S+);", conf) == [caddy]
    assert "X-Forwarded-For $remote_addr;" in conf


def seen_by_backend(believed: str, peer: str, told: str) -> str:
    """Return where a visitor is for the backend."""
    seen: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope["client"][0])

    scope: Any = {"type": "http", "client": (peer, 1), "scheme": "http"}
    scope["headers"] = [(b"x-forwarded-for", told.encode())]
    asyncio.run(ProxyHeadersMiddleware(app, believed)(scope, None, None))  # type: ignore[arg-type]
    return seen[0]


def test_on_aws_every_setting_that_a_page_tells_the_operator_to_change_arrives() -> None:
    told = set(re.findall(r"\bPOWER_[A-Z_]+", (ROOT / "frontend/src/i18n/en.ts").read_text()))
    assert told >= {"POWER_MONTH_BUDGET_USD", "POWER_DAY_HOURS"}
    found = merged((LOCAL, AWS))
    for name in ("backend", "worker"):
        assert {*told, "POWER_POLICY"} <= set(found[name]["environment"])


def test_on_aws_files_lie_in_the_bucket_and_pages_may_send_there() -> None:
    found = merged((LOCAL, AWS))
    for name in ("backend", "worker"):
        assert {"STORAGE_BUCKET", "STORAGE_PREFIX"} <= set(found[name]["environment"])
    (written,) = re.findall(r"\$\{(\w+)\}", (ROOT / "frontend/nginx.conf").read_text())
    assert set(found["frontend"]["environment"]) == {written}
    script = (ROOT / "infra/terraform/modules/app/user_data.sh.tftpl").read_text()
    for name in ("STORAGE_BUCKET", "STORAGE_PREFIX", "STORAGE_REGION", written):
        assert re.search(rf"^{name}=", script, re.MULTILINE), name


def test_what_aws_requires_user_data_writes() -> None:
    needed = set(re.findall(r"\$\{(\w+):\?\}", (ROOT / AWS).read_text()))
    script = (ROOT / "infra/terraform/modules/app/user_data.sh.tftpl").read_text()
    assert {name for name in needed if not re.search(rf"^{name}=", script, re.MULTILINE)} == set()


def test_user_data_names_files_that_are_there() -> None:
    script = (ROOT / "infra/terraform/modules/app/user_data.sh.tftpl").read_text()
    (line,) = re.findall(r"^COMPOSE_FILE=(.+)$", script, re.MULTILINE)
    assert re.sub(r"%\{.*?\}", "", line).split(":") == [LOCAL, AWS, GPU]


def test_compose_builds_what_there_is_to_build() -> None:
    for name, service in merged((LOCAL, GPU), ("voicevox",)).items():
        if "build" not in service:
            continue
        dockerfile = (ROOT / service["build"]["dockerfile"]).read_text()
        target = service["build"].get("target")
        assert target is None or re.search(rf" AS {target}$", dockerfile, re.MULTILINE), name


def test_compose_starts_commands_that_exist() -> None:
    shells = [" ".join(service.get("command", [])) for service in services(LOCAL).values()]
    commands = {command for shell in shells for command in re.findall(r"-m backend (\w+)", shell)}
    assert commands == {"migrate", "serve", "worker"}
    for command in commands:
        call(sys.executable, "-m", "backend", command, "--help")


def test_every_image_of_others_has_a_version() -> None:
    every = (service for files in COMBINATIONS for service in merged(files, PROFILES[-1]).values())
    images = {service["image"] for service in every if "build" not in service}
    assert {image.split(":")[0] for image in images} >= {
        "postgres",
        "caddy",
        "voicevox/voicevox_engine",
    }
    assert [image for image in images if not is_pinned(image)] == []


# --- the images -----------------------------------------------------------------------------


def is_pinned(image: str) -> bool:
    """Whether it names a version: another one does not come by itself."""
    return bool(re.search(r":[^/:]*\d[^/:]*$", image)) or "@sha256:" in image


class Stage:
    """One FROM of a Dockerfile: what it stands on, and its instructions."""

    def __init__(self, base: str, name: str) -> None:
        self.base, self.name = base, name
        self.lines: list[tuple[str, str]] = []


def stages(dockerfile: str) -> list[Stage]:
    text = (ROOT / dockerfile).read_text()
    text = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    found: list[Stage] = []
    for line in filter(str.strip, text.splitlines()):
        word, rest = line.strip().split(None, 1)
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            found.append(Stage(base, name))
        else:
            found[-1].lines.append((word, rest))
    return found


def inherited(stage: Stage, known: list[Stage], word: str) -> list[str]:
    """An instruction's arguments, from the lowest stage that it stands on to its own."""
    below = [each for each in known if each.name and each.name == stage.base]
    return [rest for each in below for rest in inherited(each, known, word)] + [
        rest for instruction, rest in stage.lines if instruction == word
    ]


IMAGES = [
    ("backend/Dockerfile", None),
    ("frontend/Dockerfile", None),
    ("openvoice_service/Dockerfile", "cpu"),
    ("openvoice_service/Dockerfile", "cuda"),
]


def built(dockerfile: str, target: str | None) -> tuple[Stage, list[Stage]]:
    known = stages(dockerfile)
    return next((stage for stage in known if stage.name == target), known[-1]), known


def test_no_dockerfile_is_left_out() -> None:
    there = {str(path.relative_to(ROOT)) for path in ROOT.glob("*/Dockerfile")}
    assert there == {dockerfile for dockerfile, _ in IMAGES}


@pytest.mark.parametrize(("dockerfile", "target"), IMAGES)
def test_an_image_takes_what_an_earlier_stage_has_built(
    dockerfile: str, target: str | None
) -> None:
    stage, known = built(dockerfile, target)
    taken = re.findall(r"--from=(\S+)", " ".join(inherited(stage, known, "COPY")))
    assert taken
    assert set(taken) <= {each.name for each in known}


@pytest.mark.parametrize(("dockerfile", "target"), IMAGES)
def test_an_image_runs_as_a_user_that_is_not_root(dockerfile: str, target: str | None) -> None:
    users = inherited(*built(dockerfile, target), "USER")
    # By number, so that an engine can tell that it is not root.
    assert users
    assert int(users[-1]) > 0


@pytest.mark.parametrize(("dockerfile", "target"), IMAGES)
def test_an_image_says_whether_it_is_well(dockerfile: str, target: str | None) -> None:
    checks = inherited(*built(dockerfile, target), "HEALTHCHECK")
    ports = inherited(*built(dockerfile, target), "EXPOSE")
    assert f"http://127.0.0.1:{ports[-1]}/" in checks[-1]


@pytest.mark.parametrize("dockerfile", sorted({dockerfile for dockerfile, _ in IMAGES}))
def test_a_dockerfile_stands_on_versions(dockerfile: str) -> None:
    known = stages(dockerfile)
    bases = {stage.base for stage in known} - {stage.name for stage in known}
    assert bases
    assert [base for base in bases if not is_pinned(base)] == []


@pytest.mark.parametrize("image", ["postgres", "postgres:latest", "r.example:5000/postgres"])
def test_an_image_without_a_version_is_told_from_one_with(image: str) -> None:
    assert not is_pinned(image)
    assert is_pinned("r.example:5000/postgres:17-alpine")
