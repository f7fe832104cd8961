"""Asks the lane's speech service whether it speaks, and tells its watchdog that it is wanted."""

from dataclasses import dataclass
from datetime import datetime

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from backend.trust import authorities

# A first sentence on a cold GPU takes longer than any later one.
READYZ_TIMEOUT_S = 5.0
SENTENCE_TIMEOUT_S = 20.0
LEASE_TIMEOUT_S = 3.0
# A WAV file with a tenth of a second of sound at 16 kHz is longer than this.
LEAST_SOUND_BYTES = 3_200


@dataclass(frozen=True)
class Readiness:
    """Whether the lane speaks, and when its machine is taken back (Unix seconds)."""

    is_ready: bool
    interruption_at_s: float | None = None


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore")

    ready: bool
    interruption_at: datetime | None = None


class HttpProbe:
    """Asks over HTTP. Ready means: it says so, and it has spoken a sentence since it came up."""

    def __init__(self, token: str, http: httpx.Client | None = None) -> None:
        self._headers = {"Authorization": f"Bearer {token}"}
        self._http = http or httpx.Client(verify=authorities(), trust_env=False)
        self._has_spoken: str | None = None

    def is_ready(self, url: str, run: str) -> Readiness:
        """Tell whether it speaks; never raises. The sentence is asked for once in each `run`."""
        answer = self._readyz(url)
        if answer is None or not answer.ready:
            self._has_spoken = None
            return Readiness(is_ready=False)
        if self._has_spoken != run and self._speaks(url):
            self._has_spoken = run
        leaves_at = answer.interruption_at
        leaves_at_s = leaves_at.timestamp() if leaves_at is not None else None
        return Readiness(self._has_spoken == run, leaves_at_s)

    def _readyz(self, url: str) -> _Answer | None:
        try:
            raw = self._http.get(f"{url}/readyz", timeout=READYZ_TIMEOUT_S)
            return _Answer.model_validate_json(raw.content)
        except (httpx.HTTPError, httpx.InvalidURL, ValidationError):
            return None

    def _speaks(self, url: str) -> bool:
        body = {"input": "Ready.", "language": "en", "response_format": "wav"}
        try:
            answer = self._http.post(
                f"{url}/v1/audio/speech",
                json=body,
                headers=self._headers,
                timeout=SENTENCE_TIMEOUT_S,
            )
        except httpx.HTTPError:
            return False
        sound = answer.content
        return answer.is_success and sound[:4] == b"RIFF" and len(sound) > LEAST_SOUND_BYTES

    def renew_lease(self, url: str, holder: str) -> bool:
        """Tell the machine's watchdog that it is wanted; never raises."""
        try:
            answer = self._http.put(
                f"{url}/v1/lane/lease",
                json={"holder": holder},
                headers=self._headers,
                timeout=LEASE_TIMEOUT_S,
            )
        except httpx.HTTPError:
            return False
        return answer.is_success

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()
