"""Writes on the machines themselves until when they are at work: their tag `lease-until`.

Who stops machines by the clock or by hand (infra/schedule_lambda, infra/scripts/gpu-manage.sh)
knows nothing of our database, and leaves a machine on whose lease has not ended. A lease ends by
itself: nothing has to be taken back after a crash.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from sqlalchemy.orm import Session, sessionmaker

from backend.power.route import LaneName
from backend.power.work import count_jobs
from backend.settings import Settings

logger = logging.getLogger(__name__)

TAG = "lease-until"
LEASE_S = 600.0
# Renewed at half its length, so that one refused call takes no lease away.
ROUND_S = 60.0
RENEW_BELOW_S = LEASE_S / 2

Work = Callable[[Session], bool]


class LeaseKeeper:
    """Renews the leases of machines at work.

    work: for each machine's tag ("Role=openvoice-gpu"), whether it is at work
    """

    def __init__(
        self,
        client: Any,
        sessions: sessionmaker[Session],
        work: Mapping[str, Work],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._client = client
        self._sessions = sessions
        self._work = work
        self._clock = clock
        self._leased_until_s = dict.fromkeys(work, 0.0)

    def run_round(self) -> None:
        """Renew what is at work and whose lease is half over; a refusal is tried again."""
        now_s = self._clock()
        for tag in self._at_work():
            if self._leased_until_s[tag] - now_s >= RENEW_BELOW_S:
                continue
            try:
                lease_machines(self._client, tag, now_s + LEASE_S)
            except (BotoCoreError, ClientError) as error:
                logger.warning("the lease of %s could not be noted: %s", tag, _code_of(error))
            else:
                self._leased_until_s[tag] = now_s + LEASE_S

    def _at_work(self) -> list[str]:
        with self._sessions() as session:
            return [tag for tag, is_at_work in self._work.items() if is_at_work(session)]


def lease_machines(client: Any, tag: str, until_s: float) -> None:
    """Write the lease on every machine with that tag that is on. Raises botocore's errors."""
    name, _, value = tag.partition("=")
    answer = client.describe_instances(
        Filters=[
            {"Name": f"tag:{name}", "Values": [value]},
            {"Name": "instance-state-name", "Values": ["pending", "running"]},
        ]
    )
    found = [each["InstanceId"] for group in answer["Reservations"] for each in group["Instances"]]
    if found:
        until = f"{datetime.fromtimestamp(until_s, UTC):%Y-%m-%dT%H:%M:%SZ}"
        client.create_tags(Resources=found, Tags=[{"Key": TAG, "Value": until}])


def gpu_is_at_work(session: Session) -> bool:
    """Return whether a job is being spoken on the GPU lane."""
    return count_jobs(session, time.time()).leased[LaneName.GPU] > 0


def _code_of(error: Exception) -> str:
    """Return EC2's own code: its text may quote what a log should not hold."""
    response = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get("Code", type(error).__name__))


class LeaseThread:
    """Runs the rounds in the background of a backend."""

    def __init__(self, keeper: LeaseKeeper, round_s: float = ROUND_S) -> None:
        self._keeper = keeper
        self._round_s = round_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present round; what is leased stays so until its time."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopping.wait(self._round_s):
            try:
                self._keeper.run_round()
            except Exception:
                logger.exception("a round of the leases failed; the next one tries again")


def start_lease_keeper(
    settings: Settings, sessions: sessionmaker[Session], app_is_at_work: Work
) -> LeaseThread | None:
    """Start this backend's keeper, unless no machine of ours is on EC2."""
    if not settings.power_ec2_app_tag:
        return None
    # Imported where it is used: boto3 takes a second.
    from backend.power.providers.ec2 import create_ec2_client  # noqa: PLC0415

    client = create_ec2_client(settings.power_ec2_region, settings.power_ec2_endpoint)
    work = {settings.power_ec2_app_tag: app_is_at_work}
    if settings.power_provider == "ec2":
        work[settings.power_ec2_tag] = gpu_is_at_work
    thread = LeaseThread(LeaseKeeper(client, sessions, work))
    thread.start()
    return thread
