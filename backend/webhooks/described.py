"""What receivers get, for the OpenAPI document's `webhooks`."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header
from pydantic import BaseModel, create_model

from backend.webhooks.payloads import PAYLOADS, EventType

EventId = Annotated[str, Header(alias="webhook-id", description="The same with each try")]
SentAt = Annotated[str, Header(alias="webhook-timestamp", description="Unix time of this try, s")]
Signatures = Annotated[
    str,
    Header(
        alias="webhook-signature",
        description=(
            "`v1,` and the base64 of the HMAC-SHA256 of `{webhook-id}.{webhook-timestamp}.{body}`; "
            "two of them, by a space, while a secret is rotated"
        ),
    ),
]


def describe_webhooks() -> APIRouter:
    """Return a router of descriptions: nothing is served by it."""
    described = APIRouter()
    for kind, payload in PAYLOADS.items():
        described.post(
            kind.value,
            name=operation_of(kind),
            operation_id=operation_of(kind),
            summary=(payload.__doc__ or "").split("\n", maxsplit=1)[0],
            tags=["webhooks"],
            status_code=204,
            response_description="Any 2xx within 15 seconds; 410 ends the webhook",
        )(_operation(kind, payload))
    return described


def operation_of(kind: EventType) -> str:
    """Return under which `operationId` an event is described."""
    first, second = kind.value.split(".")
    return f"on{first.capitalize()}{second.capitalize()}"


def _operation(kind: EventType, payload: type[BaseModel]) -> Any:
    fields: dict[str, Any] = {
        "type": (Literal[kind.value], ...),
        "timestamp": (datetime, ...),
        "data": (payload, ...),
    }
    body = create_model(f"{payload.__name__}Event", __doc__=payload.__doc__, **fields)

    def receive(event: Any, event_id: EventId, sent_at: SentAt, signatures: Signatures) -> None:
        """Only described."""

    receive.__annotations__["event"] = body
    receive.__doc__ = payload.__doc__
    return receive
