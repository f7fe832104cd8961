"""gpu-manage.sh as a program: the real AWS CLI, against moto's server on loopback."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
import pytest
from moto.server import ThreadedMotoServer

SCRIPT = Path(__file__).parents[1] / "gpu-manage.sh"
REGION = "ap-northeast-1"
TAGS = {"app": "video-message-app", "gpu": "openvoice-gpu"}
KINDS = {"app": "t3.large", "gpu": "g4dn.xlarge"}
NONE: Mapping[str, str] = {}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def environment(address: str, tmp_path: Path) -> dict[str, str]:
    """A shell of its own: no configuration of whoever runs the tests is read."""
    folders = [str(Path(sys.executable).parent), "/usr/bin", "/bin"]
    return {
        "PATH": os.pathsep.join(folders),
        "HOME": str(tmp_path),
        "PYTHON": sys.executable,
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
    }


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    def call(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        wishes = {key: value for key, value in (environment | changes).items() if value}
        command = ["bash", str(SCRIPT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=wishes, check=False)

    return call


@pytest.fixture
def ec2(environment: Mapping[str, str]) -> Any:
    """An account without machines: moto keeps one for all tests of a process."""
    reset = Request(f"{environment['AWS_ENDPOINT_URL']}/moto-api/reset", method="POST")
    urlopen(reset).close()
    return boto3.client(
        "ec2",
        region_name=REGION,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )


def launch(
    ec2: Any, role: str, *, zone: str = "a", is_off: bool = False, tags: Mapping[str, str] = NONE
) -> str:
    found = {"Role": TAGS[role], "Name": f"video-message-{role}", **tags}
    made = ec2.run_instances(
        ImageId="ami-12c6146b",
        InstanceType=KINDS[role],
        MinCount=1,
        MaxCount=1,
        Placement={"AvailabilityZone": f"{REGION}{zone}"},
        TagSpecifications=[
            {
                "ResourceType": "instance",
                "Tags": [{"Key": key, "Value": value} for key, value in found.items()],
            }
        ],
    )
    machine = str(made["Instances"][0]["InstanceId"])
    if is_off:
        ec2.stop_instances(InstanceIds=[machine])
    return machine


def states(ec2: Any) -> dict[str, str]:
    return {
        each["InstanceId"]: each["State"]["Name"]
        for group in ec2.describe_instances()["Reservations"]
        for each in group["Instances"]
        if each["State"]["Name"] != "terminated"
    }


# --- the command line -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        [], [""], ["explode"], ["start"], ["start-gpu", ""], ["start-gpu", "now"],
        ["stop-all", "--forced"], ["stop-all", "--force", "x"], ["status", "x"], ["logs"],
        ["logs", "all"], ["logs", "gpu", "-5"], ["logs", "gpu", "1; reboot"], ["wait", "x"],
        ["wait", ""], ["batch", "x"], ["doctor", "x"], ["--halp"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_line_that_is_not_understood_is_refused_and_nothing_is_touched(
    run: Run, ec2: Any, arguments: list[str]
) -> None:
    gpu = launch(ec2, "gpu", is_off=True)
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--help" in done.stderr
    assert states(ec2) == {gpu: "stopped"}


@pytest.mark.parametrize("word", ["--help", "-h", "help"])
def test_help_names_every_verb_and_needs_nothing(run: Run, word: str) -> None:
    done = run(word, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert (done.returncode, done.stderr) == (0, "")
    verbs = (f"{what}-{which}" for what in ("start", "stop") for which in ("app", "gpu", "all"))
    for verb in (*verbs, "status", "wait", "logs", "batch", "cost", "doctor"):
        assert verb in done.stdout


def test_without_the_aws_command_it_says_where_to_get_it(run: Run, tmp_path: Path) -> None:
    for tool in ("bash", "mktemp", "rm", "dirname", "cat"):
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    done = run("status", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "AWS CLI is missing" in done.stderr


@pytest.mark.parametrize("verb", ["start-gpu", "stop-all", "status", "wait", "doctor"])
def test_without_credentials_it_says_what_to_set(run: Run, verb: str) -> None:
    done = run(verb, AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert done.returncode == 1
    assert "AWS_PROFILE" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_an_address_where_nobody_answers_is_told(run: Run) -> None:
    done = run("start-gpu", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr


# --- starting and stopping ------------------------------------------------------------------


def test_each_machine_is_started_and_stopped_alone_and_together(run: Run, ec2: Any) -> None:
    app, gpu = launch(ec2, "app", is_off=True), launch(ec2, "gpu", is_off=True)
    for verb, app_state, gpu_state in [
        ("start-gpu", "stopped", "running"),
        ("start-app", "running", "running"),
        ("stop-gpu", "running", "stopped"),
        ("stop-app", "stopped", "stopped"),
        ("start-all", "running", "running"),
        ("stop-all", "stopped", "stopped"),
    ]:
        done = run(verb)
        assert done.returncode == 0, done.stderr
        assert states(ec2) == {app: app_state, gpu: gpu_state}, verb


def test_again_changes_nothing_and_says_so(run: Run, ec2: Any) -> None:
    launch(ec2, "gpu")
    assert "already" in run("start-gpu").stdout
    run("stop-gpu")
    assert "already" in run("stop-gpu").stdout


def test_a_machine_of_another_tag_is_left_alone(run: Run, ec2: Any) -> None:
    stranger = launch(ec2, "gpu", tags={"Role": "somebody-elses"})
    done = run("stop-gpu")
    assert done.returncode == 1
    assert "Role=openvoice-gpu" in done.stderr
    assert states(ec2) == {stranger: "running"}


def test_the_tag_can_be_another_one(run: Run, ec2: Any) -> None:
    ours = launch(ec2, "gpu", is_off=True, tags={"Role": "mine"})
    assert run("start-gpu", GPU_TAG="Role=mine").returncode == 0
    assert states(ec2) == {ours: "running"}


def test_one_that_is_missing_leaves_the_other_not_undone(run: Run, ec2: Any) -> None:
    gpu = launch(ec2, "gpu")
    done = run("stop-all")
    assert done.returncode == 1
    assert "Role=video-message-app" in done.stderr
    assert states(ec2) == {gpu: "stopped"}


def test_two_of_a_zone_are_both_named_and_not_started_but_both_stopped(run: Run, ec2: Any) -> None:
    twins = launch(ec2, "gpu", is_off=True), launch(ec2, "gpu", is_off=True)
    done = run("start-gpu")
    assert done.returncode == 1
    assert all(twin in done.stderr for twin in twins)
    assert set(states(ec2).values()) == {"stopped"}
    ec2.start_instances(InstanceIds=list(twins))
    assert run("stop-gpu").returncode == 0
    assert set(states(ec2).values()) == {"stopped"}


def test_of_one_in_each_zone_the_first_is_started(run: Run, ec2: Any) -> None:
    second, first = (launch(ec2, "gpu", zone=zone, is_off=True) for zone in "ca")
    assert run("start-gpu").returncode == 0
    assert states(ec2) == {first: "running", second: "stopped"}


def test_leased_work_is_left_on_until_it_is_forced(run: Run, ec2: Any) -> None:
    until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    gpu = launch(ec2, "gpu", tags={"lease-until": until})
    done = run("stop-gpu")
    assert done.returncode == 1
    assert until in done.stderr
    assert states(ec2) == {gpu: "running"}
    assert run("stop-gpu", "--force").returncode == 0
    assert states(ec2) == {gpu: "stopped"}


def test_a_lease_that_is_over_is_none_and_one_that_cannot_be_read_is_one(
    run: Run, ec2: Any
) -> None:
    over = launch(ec2, "gpu", tags={"lease-until": "2020-01-01T00:00:00Z"})
    odd = launch(ec2, "app", tags={"lease-until": "tomorrow"})
    assert run("stop-all").returncode == 1
    assert states(ec2) == {over: "stopped", odd: "running"}


# --- looking --------------------------------------------------------------------------------


def test_the_status_is_a_table(run: Run, ec2: Any) -> None:
    launch(ec2, "app")
    launch(ec2, "gpu", is_off=True)
    done = run("status")
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["name", "state", "type", "uptime", "today", "$"]
    shown = {row.split()[0]: row.split() for row in rows}
    assert shown["video-message-app"][1:] == ["running", "t3.large", "0", "h", "00", "min", "0.00"]
    assert shown["video-message-gpu"][1:] == ["stopped", "g4dn.xlarge", "-", "0.00"]


def test_without_machines_the_status_says_so(run: Run, ec2: Any) -> None:
    assert states(ec2) == {}
    done = run("status")
    assert (done.returncode, "No machine" in done.stderr) == (1, True)


def test_waiting_ends_when_they_run_and_is_no_use_for_one_that_is_off(run: Run, ec2: Any) -> None:
    launch(ec2, "app")
    launch(ec2, "gpu", is_off=True)
    assert "runs" in run("wait", "app").stdout
    done = run("wait", "gpu")
    assert (done.returncode, "start-gpu" in done.stderr) == (1, True)


def test_logs_and_a_batch_are_run_on_the_machine(run: Run, ec2: Any, environment: Any) -> None:
    machines = {launch(ec2, "app"), launch(ec2, "gpu")}
    assert run("logs", "app", "20").returncode == 0
    assert run("logs", "gpu", "30").returncode == 0
    assert run("batch").returncode == 0
    ssm = boto3.client(
        "ssm", region_name=REGION, endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )  # fmt: skip
    sent = [each for each in ssm.list_commands()["Commands"] if machines & {*each["InstanceIds"]}]
    commands = sorted(each["Parameters"]["commands"][0] for each in sent)
    there = "cd /opt/video-message && docker compose"
    assert commands[0] == f"{there} exec -T backend python -m backend.power batch"
    assert commands[1] == f"{there} logs --no-color --tail 20"
    assert commands[2].startswith("journalctl --no-pager --lines 30 --unit video-message-speech")


def test_logs_of_a_machine_that_is_off_say_how_to_start_it(run: Run, ec2: Any) -> None:
    launch(ec2, "gpu", is_off=True)
    done = run("logs", "gpu")
    assert (done.returncode, "start-gpu" in done.stderr) == (1, True)


def test_a_local_batch_is_the_products_own(run: Run, tmp_path: Path) -> None:
    done = run("batch", "--local", DATA_DIR=str(tmp_path), POWER_PROVIDER="none")
    assert (done.returncode, "POWER_PROVIDER" in done.stdout) == (2, True)


def test_the_costs_are_those_of_the_price_file(run: Run) -> None:
    done = run("cost", "--gpu-hours", "100")
    assert "| GPU machine | 71.00 |" in done.stdout


def test_the_doctor_finds_what_is_well_and_what_is_not(run: Run, environment: Any) -> None:
    done = run("doctor", APP_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    found = {line[6:].split(":")[0]: line[:4].strip() for line in done.stdout.splitlines()}
    assert found["credentials"] == "ok"
    assert found["capacity"] == "ok"
    assert found["EFS"] == found["health"] == "FAIL"
    efs = boto3.client(
        "efs", region_name=REGION, endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="testing", aws_secret_access_key="testing",
    )  # fmt: skip
    efs.create_file_system(Tags=[{"Key": "Project", "Value": "video-message"}])
    assert "ok    EFS" in run("doctor").stdout
