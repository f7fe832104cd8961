"""Secrets and signatures of the Standard Webhooks specification.

A secret must be readable to sign with, so it can't be kept as a hash: it is kept under AES-GCM
with a key that follows from the installation's signing key. Who has the database alone can sign
nothing; who changes the signing key rotates the secrets.
source: standardwebhooks.com, specification 1.0.0
"""

import base64
import hashlib
import hmac
import os
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PREFIX = "whsec_"
SECRET_BYTES = 32
_NONCE_BYTES = 12


class SecretLost(Exception):
    """The secret was kept under another signing key."""


def new_secret() -> str:
    """Return a secret as a receiver's library takes it."""
    return PREFIX + base64.b64encode(os.urandom(SECRET_BYTES)).decode()


def seal(signing_key: bytes, webhook_id: str, secret: str) -> str:
    """Return what is stored of a secret; it opens for this webhook alone."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(signing_key).encrypt(nonce, secret.encode(), webhook_id.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(signing_key: bytes, webhook_id: str, sealed: str) -> str:
    """Return the secret, or raise SecretLost."""
    raw = base64.b64decode(sealed)
    nonce, rest = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    try:
        return _cipher(signing_key).decrypt(nonce, rest, webhook_id.encode()).decode()
    except InvalidTag:
        raise SecretLost from None


def _cipher(signing_key: bytes) -> AESGCM:
    return AESGCM(hmac.new(signing_key, b"webhook secrets", hashlib.sha256).digest())


def signed_headers(secrets: list[str], event_id: str, now: datetime, body: str) -> dict[str, str]:
    """Return the three headers; each secret makes a signature, the newest first."""
    timestamp = str(int(now.timestamp()))
    told = f"{event_id}.{timestamp}.{body}".encode()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, told) for secret in secrets),
    }


def _signature(secret: str, told: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
