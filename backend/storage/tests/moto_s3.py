"""moto's S3 on loopback, with the refusals of presigned requests that moto lacks.

`python -m backend.storage.tests.moto_s3` serves a bucket for whoever started it, and prints the
environment that leads to it.

moto takes every signature, and a body that was cut off. S3 does not: the door in front of it
works the signature out by itself, and compares length, checksum and time with what was signed.
source: AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)"
"""

import base64
import hashlib
import hmac
import io
import json
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote
from uuid import uuid4

import boto3
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

ACCESS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_DEFAULT_REGION": "ap-northeast-1",
}


class S3Door:
    """A WSGI application in front of moto's.

    refuse: status and code with which everything is answered, as in an outage
    """

    def __init__(self) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self.refuse: tuple[int, str] | None = None

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if self.refuse is not None:
            return _error(start, *self.refuse)
        query = dict(parse_qsl(environ["QUERY_STRING"]))
        # A browser asks first whether it may send, and signs that with nothing.
        if "X-Amz-Signature" in query and environ["REQUEST_METHOD"] != "OPTIONS":
            length = int(environ.get("CONTENT_LENGTH") or 0)
            body = environ["wsgi.input"].read(length)
            environ["wsgi.input"] = io.BytesIO(body)
            if refusal := _refusal(environ, query, body, length):
                return _error(start, *refusal)
        return self._moto(environ, start)


def _refusal(
    environ: dict[str, Any], query: dict[str, str], body: bytes, length: int
) -> tuple[int, str] | None:
    signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if datetime.now(UTC) > signed_at + timedelta(seconds=int(query["X-Amz-Expires"])):
        return 403, "AccessDenied"
    if not hmac.compare_digest(_signature(environ, query), query["X-Amz-Signature"]):
        return 403, "SignatureDoesNotMatch"
    if len(body) != length:
        return 400, "IncompleteBody"
    wanted = environ.get("HTTP_X_AMZ_CHECKSUM_SHA256")
    if wanted and wanted != base64.b64encode(hashlib.sha256(body).digest()).decode():
        return 400, "BadDigest"
    return None


def _signature(environ: dict[str, Any], query: dict[str, str]) -> str:
    names = query["X-Amz-SignedHeaders"].split(";")
    headers = "".join(f"{name}:{_header(environ, name)}\n" for name in names)
    asked = sorted((name, value) for name, value in query.items() if name != "X-Amz-Signature")
    canonical = "\n".join([
        environ["REQUEST_METHOD"],
        quote(environ["PATH_INFO"]),
        "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in asked),
        headers,
        ";".join(names),
        "UNSIGNED-PAYLOAD",
    ])  # fmt: skip
    _key, day, region, service, end = query["X-Amz-Credential"].split("/")
    scope = "/".join((day, region, service, end))
    told = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, told])
    key = f"AWS4{ACCESS['AWS_SECRET_ACCESS_KEY']}".encode()
    for word in (day, region, service, end, text):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return key.hex()


def _header(environ: dict[str, Any], name: str) -> str:
    variable = name.upper().replace("-", "_")
    plain = variable in ("CONTENT_LENGTH", "CONTENT_TYPE")
    return str(environ.get(variable if plain else f"HTTP_{variable}", "")).strip()


def _error(start: Callable[..., Any], status: int, code: str) -> list[bytes]:
    start(f"{status} {code}", [("Content-Type", "application/xml")])
    return [f"<Error><Code>{code}</Code><Message>no</Message></Error>".encode()]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Write nothing."""


@contextmanager
def served_s3() -> Iterator[tuple[str, S3Door]]:
    """Serve; give the address and the door."""
    door = S3Door()
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", door
    finally:
        server.shutdown()
        server.server_close()


class Bucket:
    """A bucket of a test's own."""

    def __init__(self, door: S3Door) -> None:
        self.door = door
        self.s3 = boto3.client("s3")
        self.name = f"media-{uuid4().hex}"
        self.s3.create_bucket(
            Bucket=self.name,
            CreateBucketConfiguration={"LocationConstraint": ACCESS["AWS_DEFAULT_REGION"]},
        )

    def let_pages_send(self, origin: str) -> None:
        """Set the CORS rule of infra/terraform/modules/storage."""
        headers = ["content-type", "x-amz-checksum-sha256"]
        rule = {"AllowedMethods": ["PUT"], "AllowedOrigins": [origin], "AllowedHeaders": headers}
        self.s3.put_bucket_cors(Bucket=self.name, CORSConfiguration={"CORSRules": [rule]})

    def objects(self) -> list[str]:
        """Return the names of all objects."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.name)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def unfinished(self) -> list[str]:
        """Return the names of what was begun in parts and is not finished."""
        found = self.s3.list_multipart_uploads(Bucket=self.name).get("Uploads", [])
        return [each["Key"] for each in found]

    def begin_in_parts(self, name: str) -> None:
        """Leave what a kill in the middle of an upload in parts leaves."""
        made = self.s3.create_multipart_upload(Bucket=self.name, Key=name)
        self.s3.upload_part(
            Bucket=self.name, Key=name, UploadId=made["UploadId"], PartNumber=1, Body=b"half"
        )


@contextmanager
def new_bucket() -> Iterator[Bucket]:
    """Give a bucket that boto3 finds by its usual variables."""
    with served_s3() as (address, door), pytest.MonkeyPatch.context() as patch:
        for name, value in {**ACCESS, "AWS_ENDPOINT_URL": address}.items():
            patch.setenv(name, value)
        yield Bucket(door)


def main() -> None:
    """Serve until the pipe to whoever started it is closed."""
    with new_bucket() as bucket:
        bucket.let_pages_send("*")
        found = {name: os.environ[name] for name in (*ACCESS, "AWS_ENDPOINT_URL")}
        sys.stdout.write(json.dumps({**found, "STORAGE_BUCKET": bucket.name}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
