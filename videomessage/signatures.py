"""Whether a webhook came from the server that it says it came from, unchanged and just now.

source: the Standard Webhooks specification, https://www.standardwebhooks.com
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

PREFIX = "whsec_"


class SignatureWrong(Exception):
    """Somebody else sent it, it was changed on its way, or it is too old. Answer with 400."""


def verify(
    body: bytes | str,
    headers: Mapping[str, str],
    *secrets: str,
    tolerance_s: int = 300,
    now_s: float | None = None,
) -> Any:
    """Return the event, when one of `secrets` has signed it.

    body:        exactly as it was received
    secrets:     `whsec_…`; two while one takes the other's place
    tolerance_s: older or newer events are refused, so that nobody plays one again later; the same
                 event may still come twice: its `webhook-id` tells
    """
    told = {name.lower(): value for name, value in headers.items()}
    content = body.encode() if isinstance(body, str) else body
    try:
        event_id, sent_at = told["webhook-id"], told["webhook-timestamp"]
        age_s = (time.time() if now_s is None else now_s) - int(sent_at)
        signatures = [one.encode() for one in told["webhook-signature"].split(" ")]
    except (KeyError, ValueError, OverflowError):
        raise SignatureWrong("It is not signed.") from None
    if abs(age_s) > tolerance_s:
        raise SignatureWrong("It is too old, or this computer's clock is wrong.")
    signed = f"{event_id}.{sent_at}.".encode() + content
    expected = [_signature(secret, signed) for secret in secrets]
    if not any(hmac.compare_digest(one, sent) for one in expected for sent in signatures):
        raise SignatureWrong("None of the secrets has signed it.")
    return json.loads(content)


def _signature(secret: str, signed: bytes) -> bytes:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return b"v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
