"""One try: a signed POST to somebody else's address, and what came of it."""

import time
from datetime import datetime

import httpx

from backend.fetching import TargetRefused, read_at_most
from backend.version import VERSION
from backend.webhooks.models import DeliveryProblem
from backend.webhooks.queue import Claimed, Outcome
from backend.webhooks.signing import SecretLost, signed_headers, unseal

ANSWER_BYTES = 1024
HEADERS = {"Content-Type": "application/json", "User-Agent": f"VideoMessage/{VERSION} (webhooks)"}


class Sender:
    """Signs and sends; nothing is raised, all of it is an outcome."""

    def __init__(self, client: httpx.Client, signing_key: bytes) -> None:
        self._client = client
        self._signing_key = signing_key

    def send(self, claimed: Claimed, now: datetime) -> Outcome:
        """Send once."""
        began_s = time.monotonic()
        status, problem, answer = self._try(claimed, now)
        return Outcome(status, problem, round((time.monotonic() - began_s) * 1000), answer)

    def _try(
        self, claimed: Claimed, now: datetime
    ) -> tuple[int | None, DeliveryProblem | None, str]:
        try:
            return self._exchange(claimed, self._headers(claimed, now))
        except SecretLost:
            return None, DeliveryProblem.SECRET_LOST, ""
        except TargetRefused as refused:
            return None, DeliveryProblem.TARGET_REFUSED, str(refused)
        except httpx.TimeoutException:
            return None, DeliveryProblem.TIMEOUT, ""
        except httpx.ConnectError:
            return None, DeliveryProblem.UNREACHABLE, ""
        except (httpx.HTTPError, httpx.InvalidURL):
            return None, DeliveryProblem.NOT_HTTP, ""

    def _headers(self, claimed: Claimed, now: datetime) -> dict[str, str]:
        sealed = [claimed.secret, claimed.previous_secret]
        secrets = [unseal(self._signing_key, claimed.webhook_id, each) for each in sealed if each]
        return HEADERS | signed_headers(secrets, claimed.event_id, now, claimed.body)

    def _exchange(
        self, claimed: Claimed, headers: dict[str, str]
    ) -> tuple[int, DeliveryProblem | None, str]:
        content = claimed.body.encode()
        with self._client.stream("POST", claimed.url, content=content, headers=headers) as response:
            return response.status_code, _problem_of(response), _beginning(response)


def _problem_of(response: httpx.Response) -> DeliveryProblem | None:
    if response.is_success:
        return None
    # Followed, a redirect would hand the event to an address that nobody wrote down here.
    return DeliveryProblem.REDIRECT if response.status_code // 100 == 3 else DeliveryProblem.STATUS


def _beginning(response: httpx.Response) -> str:
    """Return how the answer begins; its status counts even where the rest never comes."""
    try:
        raw = read_at_most(response, ANSWER_BYTES)
    except httpx.HTTPError:
        return ""
    return raw.decode(errors="replace").replace("\0", "")
