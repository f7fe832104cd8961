"""Webhooks, their log, and what receivers are sent."""

from typing import Any

from backend.examples import known
from backend.examples.shape import Examples
from backend.webhooks.described import operation_of
from backend.webhooks.payloads import EventType
from backend.webhooks.schemas import (
    ALL_EVENTS,
    DeliveryBody,
    DeliveryList,
    MadeWebhook,
    NewWebhook,
    Replay,
    Replayed,
    SecretRotation,
    WebhookBody,
    WebhookChanges,
    WebhookList,
)

_EVENTS = ["message.ready", "message.failed", "message.replied"]
_WEBHOOK: dict[str, Any] = {
    "id": known.WEBHOOK,
    "name": "予約システム",
    "url": "https://hooks.example.com/video-message",
    "events": _EVENTS,
    "enabled": True,
    "disabled_at": None,
    "disabled_reason": None,
    "failing_since": None,
    "previous_secret_until": None,
    "created_at": "2026-04-03T02:00:00Z",
    "updated_at": "2026-04-03T02:00:00Z",
}
_MADE = _WEBHOOK | {"secret": known.WEBHOOK_SECRET}
_ROTATED = _MADE | {
    "previous_secret_until": "2026-05-02T02:00:00Z",
    "updated_at": "2026-05-01T02:00:00Z",
}
_CHANGED = _WEBHOOK | {"events": list(ALL_EVENTS), "updated_at": "2026-05-01T02:00:00Z"}
_OF_MESSAGE = {"message_id": known.MESSAGE, "campaign_id": None}
_OF_LINK = _OF_MESSAGE | {"share_id": known.SHARE}
_COUNTS = {"waiting": 17, "speaking": 1, "ready": 20}
_TOLD: dict[EventType, dict[str, Any]] = {
    EventType.MESSAGE_READY: _OF_MESSAGE | {"state": "ready", "attempt": 1, "duration_s": 11.6},
    EventType.MESSAGE_FAILED: (
        _OF_MESSAGE | {"state": "failed", "attempt": 1, "problem": "speech_unavailable"}
    ),
    EventType.MESSAGE_VIEWED: _OF_LINK,
    EventType.MESSAGE_WATCHED: _OF_LINK,
    EventType.MESSAGE_REPLIED: _OF_LINK | {"reply_id": known.REPLY, "kind": "audio"},
    EventType.VOICE_READY: {"voice_id": known.VOICE},
    EventType.CAMPAIGN_PROGRESS: {
        "campaign_id": known.CAMPAIGN,
        "state": "running",
        "counts": _COUNTS,
    },
    EventType.CAMPAIGN_DONE: {
        "campaign_id": known.CAMPAIGN,
        "state": "done",
        "counts": {"ready": 38},
    },
    EventType.TEST: {"webhook_id": known.WEBHOOK},
}


def _event(kind: EventType, at: str = "2026-05-10T01:03:00Z") -> dict[str, Any]:
    return {"type": kind.value, "timestamp": at, "data": _TOLD[kind]}


_WAITING: dict[str, Any] = {
    "id": known.DELIVERY,
    "event_id": known.EVENT,
    "type": "message.ready",
    "subject": known.MESSAGE,
    "state": "waiting",
    "tries": 0,
    "problem": None,
    "next_try_at": "2026-05-10T01:03:00Z",
    "created_at": "2026-05-10T01:03:00Z",
    "delivered_at": None,
    "attempts": [],
    "body": _event(EventType.MESSAGE_READY),
}
_DELIVERED = _WAITING | {
    "state": "delivered",
    "tries": 1,
    "next_try_at": None,
    "delivered_at": "2026-05-10T01:03:01Z",
    "attempts": [
        {
            "at": "2026-05-10T01:03:01Z",
            "duration_ms": 84,
            "status": 204,
            "problem": None,
            "answer": "",
        }
    ],
}
_TEST = _WAITING | {
    "type": "webhook.test",
    "subject": known.WEBHOOK,
    "body": _event(EventType.TEST),
}

EXAMPLES = Examples(
    of_models={
        NewWebhook: {"url": _WEBHOOK["url"], "name": _WEBHOOK["name"], "events": _EVENTS},
        WebhookBody: _WEBHOOK,
        WebhookList: {"items": [_WEBHOOK], "next_cursor": None},
        WebhookChanges: {"events": list(ALL_EVENTS)},
        MadeWebhook: _MADE,
        SecretRotation: {"overlap_s": 86_400},
        Replay: {"since": "2026-05-10T00:00:00Z"},
        Replayed: {"replayed": 3},
        DeliveryBody: _WAITING,
        DeliveryList: {"items": [_DELIVERED], "next_cursor": None},
    },
    of_operations={
        "changeWebhook.200": _CHANGED,
        "rotateWebhookSecret.201": _ROTATED,
        "testWebhook.202": _TEST,
        **{f"{operation_of(kind)}.request": _event(kind) for kind in EventType},
    },
)
