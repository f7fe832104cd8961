"""An answer as it is kept: sealed, so that only whoever has the `Idempotency-Key` can read it.

A kept answer may quote a message; once that is deleted no bytes of it may be readable.
"""

import hashlib
import hmac
import json
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import Response

# Whatever else an answer has (quota, date, length) belongs to the request that gets it.
KEPT_HEADERS = (
    "content-type", "cache-control", "etag", "location", "retry-after", "preference-applied",
)  # fmt: skip
_NONCE_BYTES = 12


class Seal:
    """Seals and opens the answer of one account's `Idempotency-Key`."""

    def __init__(self, signing_secret: bytes, account_id: str, key: str) -> None:
        name = f"{account_id}\0{key}".encode()
        self.key_hash = hmac.new(signing_secret, name, hashlib.sha256).hexdigest()
        derived = HKDF(SHA256(), 32, salt=signing_secret, info=b"idempotent write\0" + name)
        self._cipher = AESGCM(derived.derive(name))

    def seal(self, response: Response) -> bytes:
        """Return `response` as it is kept."""
        headers = {
            name: response.headers[name] for name in KEPT_HEADERS if name in response.headers
        }
        head = json.dumps([response.status_code, headers]).encode()
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, head + b"\n" + bytes(response.body), None)

    def open(self, sealed: bytes) -> Response:
        """Return the answer that was kept, marked as one that is told again."""
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        head, _, body = self._cipher.decrypt(nonce, rest, None).partition(b"\n")
        status, headers = json.loads(head)
        return Response(body, status, headers | {"Idempotency-Replayed": "true"})
