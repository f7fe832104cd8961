"""The plan applied: to moto's AWS on loopback, worked with as an operator does, and taken down.

Both forms are made side by side, each in a process (so an account) of its own: the provider looks
at a bucket's lifecycle and a queue ten times before it believes them, and most of the minute is
that. Real AWS was not at hand; what moto does not do is start user data or invoke a function.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.schedule_lambda.pack import pack
from infra.tests.workspace import MISSING, copy_terraform, init, lacks_provider, terraform

SCRIPT = Path(__file__).parents[1] / "scripts/gpu-manage.sh"
REGION = "ap-northeast-1"
# An image that moto lists; the real default is one of AWS's deep-learning images.
AMI = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
WISHES = {
    "split": {"topology": "split", "app_hours": "weekday"},
    "single": {"topology": "single", "gpu_market": "spot", "tls": "false"},
}
ALWAYS = {
    "domain": "video.example.com",
    "repository_url": "https://git.example.com/video-message.git",
    "gpu_ami_parameter": AMI,
    "admin_cidrs": '["203.0.113.7/32"]',
    "alarm_email": "operator@example.com",
}
# The program's own file must not say where AWS is; Terraform merges what ends in _override.tf.
OVERRIDE = """
provider "aws" {
  s3_use_path_style           = true
  skip_metadata_api_check     = true
  skip_credentials_validation = true
}
"""


@dataclass(frozen=True)
class Account:
    """An AWS of its own in which one form of the plan stands."""

    environment: Mapping[str, str]
    folder: Path
    outputs: Mapping[str, str]

    def client(self, service: str) -> Any:
        """Return boto3's client of one of its services."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def states(self) -> dict[str, str]:
        """Return each machine's state by its name."""
        return {
            next(tag["Value"] for tag in each["Tags"] if tag["Key"] == "Name"): each["State"][
                "Name"
            ]
            for group in self.client("ec2").describe_instances()["Reservations"]
            for each in group["Instances"]
            if each["State"]["Name"] != "terminated"
        }

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run gpu-manage.sh."""
        command = ["bash", str(SCRIPT), *arguments]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )

    def fire(self, schedule: str) -> Any:
        """Let the uploaded function answer the event of a schedule, as Lambda would."""
        held = self.client("scheduler").get_schedule(
            Name=f"video-message-{schedule}", GroupName="video-message"
        )
        assert held["ScheduleExpressionTimezone"] == "Asia/Tokyo"
        return self.invoke(json.loads(held["Target"]["Input"]))

    def invoke(self, event: object) -> Any:
        """Run the function that was uploaded, with the environment that it was given."""
        held = self.client("lambda").get_function(FunctionName=self.outputs["schedule_function"])
        given = held["Configuration"]["Environment"]["Variables"]
        archive = self.folder.parents[1] / "schedule_lambda/build/schedule.zip"
        program = (
            "import json, sys; sys.path.insert(0, sys.argv[1]); "
            "from infra.schedule_lambda import handler as found; "
            "assert found.__file__.startswith(sys.argv[1]); "
            "print(json.dumps(found.handler(json.loads(sys.argv[2]), None)))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(archive), json.dumps(event)],
            env={**self.environment, **given},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextmanager
def moto() -> Iterator[str]:
    """Give the address of an empty AWS."""
    command = [sys.executable, "-m", "infra.tests.moto_account"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate()  # which closes its input, and so ends it


def make(topology: str, address: str, folder: Path) -> Account:
    """Apply one form of the plan."""
    copy = copy_terraform(folder)
    pack(copy.parent / "schedule_lambda/build/schedule.zip")
    (copy / "gpu/moto_override.tf").write_text(OVERRIDE)
    wishes = {**ALWAYS, **WISHES[topology]}
    (copy / "gpu/wishes.auto.tfvars.json").write_text(json.dumps(_typed(wishes)))
    environment = _environment(address, folder)
    begun = init(copy / "gpu", environment)
    if lacks_provider(begun):
        pytest.skip(MISSING)
    assert begun.returncode == 0, begun.stderr
    done = terraform(copy / "gpu", environment, "apply", "-auto-approve", "-input=false")
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    told = json.loads(terraform(copy / "gpu", environment, "output", "-json").stdout)
    outputs = {name: each["value"] for name, each in told.items()}
    return Account(environment, copy / "gpu", outputs)


def _typed(wishes: Mapping[str, str]) -> dict[str, Any]:
    kinds = {"tls": json.loads, "admin_cidrs": json.loads}
    return {name: kinds.get(name, str)(value) for name, value in wishes.items()}


def _environment(address: str, home: Path) -> dict[str, str]:
    folders = [str(Path(sys.executable).parent), *os.environ["PATH"].split(os.pathsep)]
    return {
        "PATH": os.pathsep.join(folders),
        "HOME": str(home),
        "PYTHON": sys.executable,
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,  # boto3 knows this name alone; Lambda sets both
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
    }


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Account]]:
    if shutil.which("terraform") is None:
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("applied")
    with moto() as one, moto() as other, ThreadPoolExecutor(2) as pool:
        jobs = {
            topology: pool.submit(make, topology, address, folder / topology)
            for topology, address in zip(WISHES, (one, other), strict=True)
        }
        yield {topology: job.result() for topology, job in jobs.items()}


@pytest.fixture
def split(accounts: dict[str, Account]) -> Account:
    return accounts["split"]


@pytest.fixture
def single(accounts: dict[str, Account]) -> Account:
    return accounts["single"]


def test_two_machines_stand_where_the_plan_says(split: Account) -> None:
    assert split.states() == {"video-message-app": "running", "video-message-gpu": "running"}
    assert split.outputs["app_url"] == "https://video.example.com"
    assert split.outputs["gpu_private_ip"] == "10.0.1.20"


def test_one_machine_stands_alone_and_is_spot(single: Account) -> None:
    assert single.states() == {"video-message-app": "running"}
    requests = single.client("ec2").describe_spot_instance_requests()["SpotInstanceRequests"]
    found = single.client("ec2").describe_instances()["Reservations"][0]["Instances"][0]
    assert found["InstanceType"] == "g4dn.xlarge"
    assert found.get("InstanceLifecycle") == "spot" or requests
    assert single.outputs["app_url"] == f"http://{single.outputs['app_public_ip']}:55434"


def test_the_shared_folder_is_backed_up_and_the_bucket_closed(split: Account) -> None:
    efs, s3 = split.client("efs"), split.client("s3")
    backup = efs.describe_backup_policy(FileSystemId=split.outputs["shared_file_system_id"])
    assert backup["BackupPolicy"]["Status"] == "ENABLED"
    blocked = s3.get_public_access_block(Bucket=split.outputs["media_bucket"])
    assert all(blocked["PublicAccessBlockConfiguration"].values())


def test_the_script_stops_reports_and_starts_what_terraform_made(split: Account) -> None:
    assert split.manage("stop-gpu").returncode == 0
    assert split.states()["video-message-gpu"] == "stopped"
    told = split.manage("status")
    assert told.returncode == 0, told.stderr
    lines = {line.split()[0]: line.split()[1:3] for line in told.stdout.splitlines()[1:]}
    assert lines == {
        "video-message-app": ["running", "t3.large"],
        "video-message-gpu": ["stopped", "g4dn.xlarge"],
    }
    assert split.manage("start-all").returncode == 0
    assert split.manage("wait", "gpu").returncode == 0
    assert set(split.states().values()) == {"running"}


def test_the_script_stops_and_starts_the_single_machine(single: Account) -> None:
    assert single.manage("stop-app").returncode == 0
    assert single.states() == {"video-message-app": "stopped"}
    assert single.manage("start-app").returncode == 0
    assert single.states() == {"video-message-app": "running"}
    missing = single.manage("start-gpu")
    assert (missing.returncode, "Role=openvoice-gpu" in missing.stderr) == (1, True)


def test_the_nightly_schedule_stops_the_gpu_and_leaves_the_app(split: Account) -> None:
    split.manage("start-all")
    answer = split.fire("gpu-stop")
    assert answer["statusCode"] == 200
    assert [each["outcome"] for each in answer["results"]] == ["stopped"]
    assert split.states() == {"video-message-app": "running", "video-message-gpu": "stopped"}


def test_the_nightly_schedule_honours_a_lease_of_running_work(split: Account) -> None:
    split.manage("start-all")
    gpu = split.outputs["gpu_instance_id"]
    lease = [{"Key": "lease-until", "Value": "2099-01-01T00:00:00Z"}]
    split.client("ec2").create_tags(Resources=[gpu], Tags=lease)
    try:
        assert split.fire("gpu-stop")["results"][0]["outcome"] == "skipped"
        assert split.states()["video-message-gpu"] == "running"
    finally:
        split.client("ec2").delete_tags(Resources=[gpu], Tags=[{"Key": "lease-until"}])


def test_the_function_starts_the_app_alone_and_stops_both(split: Account) -> None:
    assert split.invoke({"action": "stop"})["statusCode"] == 200
    assert set(split.states().values()) == {"stopped"}
    assert split.invoke({"action": "start"})["statusCode"] == 200
    assert split.states() == {"video-message-app": "running", "video-message-gpu": "stopped"}
    assert split.invoke({"action": "start", "target": "everything"})["statusCode"] == 400


def test_the_function_works_on_the_single_machine_too(single: Account) -> None:
    assert single.invoke({"action": "stop", "target": "app"})["statusCode"] == 200
    assert single.states() == {"video-message-app": "stopped"}
    assert single.fire("gpu-stop")["statusCode"] == 404  # there is none to forget
    assert single.invoke({"action": "start"})["statusCode"] == 200


def test_at_last_everything_is_taken_down(accounts: dict[str, Account]) -> None:
    def destroy(account: Account) -> subprocess.CompletedProcess[str]:
        return terraform(
            account.folder, account.environment, "destroy", "-auto-approve", "-input=false"
        )

    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(destroy, accounts.values()):
            assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    for account in accounts.values():
        assert account.states() == {}
        assert account.client("efs").describe_file_systems()["FileSystems"] == []
        assert account.client("s3").list_buckets()["Buckets"] == []
        assert account.client("lambda").list_functions()["Functions"] == []
        assert account.client("scheduler").list_schedules()["Schedules"] == []
        assert account.client("ec2").describe_addresses()["Addresses"] == []
