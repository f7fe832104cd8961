"""The lane that this service is: whether a backend still wants it, and whether the cloud takes it.

A GPU machine costs money for as long as it is on. A backend that uses it renews the lane's lease;
`watchdog.py` counts the renewals and turns the machine off when they stop, even if every backend
is gone. On a spot machine the cloud says two minutes ahead that it takes the machine back.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

import httpx

logger = logging.getLogger(__name__)

NOTICE_POLL_S = 5.0
_TIMEOUT_S = 2.0
_TOKEN_PATH = "/latest/api/token"  # noqa: S105  # a path of the metadata service, no secret
_NOTICE_PATH = "/latest/meta-data/spot/instance-action"
_TOKEN_TTL = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}


class Lease:
    """Who wants this lane, and how often that was said since the start."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._renewed_at_s: float | None = None
        self.holder: str | None = None
        self.renewals = 0

    def renew(self, holder: str) -> None:
        """Note that `holder` wants the lane."""
        with self._lock:
            self.holder, self._renewed_at_s = holder, self._clock()
            self.renewals += 1

    @property
    def age_s(self) -> float | None:
        """Seconds since the last renewal, None before the first."""
        with self._lock:
            renewed_at_s = self._renewed_at_s
        return None if renewed_at_s is None else self._clock() - renewed_at_s


class SpotNotice:
    """Asks the machine's metadata service when the machine is to be taken back.

    source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
            and IMDSv2: a token by PUT first, then the question with it.
    """

    def __init__(self, metadata_url: str) -> None:
        self._http = httpx.Client(base_url=metadata_url, timeout=_TIMEOUT_S, trust_env=False)
        self.interruption_at: datetime | None = None

    def look(self) -> None:
        """Ask once; a service that does not answer, or answers nonsense, leaves what was known."""
        try:
            token = self._http.put(_TOKEN_PATH, headers=_TOKEN_TTL).raise_for_status().text
            answer = self._http.get(_NOTICE_PATH, headers={"X-aws-ec2-metadata-token": token})
            if answer.status_code == httpx.codes.NOT_FOUND:
                self.interruption_at = None
                return
            told = str(answer.raise_for_status().json()["time"])
            self._note(datetime.fromisoformat(told))
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            logger.warning("the spot notice cannot be read: %s", type(error).__name__)

    def _note(self, at: datetime) -> None:
        if at != self.interruption_at:
            logger.warning("this machine is taken back at %s", at.isoformat())
        self.interruption_at = at

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
