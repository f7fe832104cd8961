"""moto's EC2 on loopback, and EC2's refusals put in its mouth."""

import os
from collections.abc import Iterator
from typing import Any

from botocore.awsrequest import AWSResponse

# moto reads its list of images anew for every test, which takes a busy computer longer than
# botocore waits for an answer; what a machine is made from is nothing to us.
os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
IMAGE = "ami-12c6146b"
REGION = "ap-northeast-1"
TAG = ("Role", "openvoice-gpu")
SECRET = "wJalrXUtnFEMIK7MDENGbPxRfiCY"


def inject(client: Any, operation: str, code: str, status: int = 400, times: int = 99) -> list[str]:
    """Have EC2 answer an operation with an error, so many times; return what was asked."""
    asked: list[str] = []
    body = (
        f"<Response><Errors><Error><Code>{code}</Code><Message>key {SECRET}</Message></Error>"
        "</Errors><RequestID>1</RequestID></Response>"
    ).encode()

    class Raw:
        def stream(self, **_: Any) -> Iterator[bytes]:
            yield body

    def answer(request: Any, **_: Any) -> AWSResponse | None:
        asked.append(operation)
        if len(asked) > times:
            return None
        return AWSResponse(request.url, status, {}, Raw())

    client.meta.events.register_first(f"before-send.ec2.{operation}", answer)
    return asked
