"""Campaigns: a class of forty, each with their own name in the greeting."""

from typing import Any

from backend.campaigns.schemas import (
    CampaignBody,
    CampaignChanges,
    CampaignEstimate,
    CampaignList,
    CampaignStart,
    LinksMade,
    MailMerge,
    MailMergeBody,
    NewCampaign,
    RowBody,
    RowChanges,
    RowList,
)
from backend.examples import known
from backend.examples.shape import Examples

_NAME = "卒業生のみなさんへ"
_COLUMNS = ["名前", "よみ", "メール"]
_MAPPING = {
    "name": "名前",
    "email": "メール",
    "readings": {"名前": "よみ"},
    "same_address": "once",
}
_UNMAPPED: dict[str, Any] = {"name": None, "email": None, "readings": {}, "same_address": "once"}
_EMPTY = {
    "total": 0,
    "left_out": 0,
    "faulty": 0,
    "waiting": 0,
    "queued": 0,
    "speaking": 0,
    "composing": 0,
    "ready": 0,
    "failed": 0,
    "cancelled": 0,
}
_LISTED = _EMPTY | {"total": 40, "left_out": 1, "faulty": 1, "waiting": 38}
_SAMPLING = _LISTED | {"waiting": 35, "queued": 2, "speaking": 1}
_HALF_MADE = _LISTED | {"waiting": 17, "speaking": 1, "ready": 20}
_STOPPED = _LISTED | {"waiting": 0, "ready": 20, "cancelled": 18}
_MADE: dict[str, Any] = {
    "id": known.CAMPAIGN,
    "revision": "b2cd929e1406427e5982927a217ab756",
    "name": _NAME,
    "state": "draft",
    "template_message_id": known.TEMPLATE,
    "columns": [],
    "mapping": _UNMAPPED,
    "imported": None,
    "counts": _EMPTY,
    "progress": {"percent": 0.0, "eta_s": None},
    "template_problems": [],
    "created_at": "2026-06-01T00:00:00Z",
    "updated_at": "2026-06-01T00:00:00Z",
    "started_at": None,
    "ended_at": None,
}
_WITH_LIST = _MADE | {
    "revision": "6c1f0b7f4d0a4b6e9e6f8f0d7b2c5a31",
    "columns": _COLUMNS,
    "mapping": _MAPPING,
    "imported": {
        "format": "text",
        "encoding": None,
        "delimiter": ",",
        "had_header": True,
        "row_count": 40,
        "notes": [],
    },
    "counts": _LISTED,
    "updated_at": "2026-06-01T00:10:00Z",
}
_STARTED = _WITH_LIST | {
    "state": "sampling",
    "counts": _SAMPLING,
    "progress": {"percent": 0.0, "eta_s": 1_140.0},
    "started_at": "2026-06-01T01:00:00Z",
}
_RUNNING = _STARTED | {
    "state": "running",
    "counts": _HALF_MADE,
    "progress": {"percent": 52.6, "eta_s": 540.0},
}
_CANCELLED = _RUNNING | {
    "state": "cancelled",
    "counts": _STOPPED,
    "progress": {"percent": 52.6, "eta_s": None},
    "ended_at": "2026-06-01T01:20:00Z",
}
_SUMMARY = {
    "id": known.CAMPAIGN,
    "name": _NAME,
    "state": "running",
    "template_message_id": known.TEMPLATE,
    "counts": _HALF_MADE,
    "created_at": _MADE["created_at"],
    "started_at": _RUNNING["started_at"],
    "ended_at": None,
}
_CELLS = ["佐藤太郎", "サ'トー タ'ロー", "taro@example.com"]
_PERSONAL = "佐藤太郎さん、ご卒業おめでとうございます。"
_ROW_PATH = f"/api/v1/messages/{known.ROW_MESSAGE}"
_ROW: dict[str, Any] = {
    "id": known.ROW,
    "revision": "4d1c8f02a7b94e35b60e9d7f2a8c1e56",
    "position": 0,
    "cells": _CELLS,
    "state": "ready",
    "problems": [],
    "script": f"{_PERSONAL}\n新しい毎日を応援しています。",
    "personal_sentences": [_PERSONAL],
    "spans": [{"start_s": 0.4, "end_s": 3.8, "text": _PERSONAL}],
    "message_id": known.ROW_MESSAGE,
    "video_url": f"{_ROW_PATH}/video",
    "poster_url": f"{_ROW_PATH}/poster",
    "share_url": known.ROW_SHARE_URL,
    "progress": {"stage": None, "percent": 100.0, "eta_s": None, "note": None},
    "is_sample": True,
    "approved_at": "2026-06-01T01:05:00Z",
    "mail": {
        "id": known.ROW_EMAIL,
        "state": "sent",
        "problem": None,
        "sent_at": "2026-06-02T00:00:05Z",
    },
    "watched": {
        "views": 2,
        "percent": 100.0,
        "replies": 0,
        "last_viewed_at": "2026-06-02T03:00:00Z",
    },
}
_WAITING_ROW = _ROW | {
    "revision": "90b7e3d15c624f8a8de2c47a61f03b9d",
    "state": "waiting",
    "spans": [],
    "message_id": None,
    "video_url": None,
    "poster_url": None,
    "share_url": None,
    "progress": None,
    "is_sample": False,
    "approved_at": None,
    "mail": None,
    "watched": None,
}
_RETRIED_ROW = _WAITING_ROW | {
    "revision": "c3f65a0e8b1d49728f04ad96e27b5c81",
    "state": "queued",
    "message_id": known.ROW_MESSAGE,
    "progress": {"stage": "queued", "percent": 0.0, "eta_s": None, "note": None},
}

EXAMPLES = Examples(
    of_models={
        NewCampaign: {"name": _NAME},
        CampaignBody: _RUNNING,
        CampaignList: {"items": [_SUMMARY], "next_cursor": None},
        CampaignChanges: {"name": _NAME, "mapping": _MAPPING},
        CampaignStart: {"samples": 3},
        CampaignEstimate: {
            "rows": 38,
            "length_s": 14.5,
            "speech_s": 92.0,
            "compose_s": 410.0,
            "minutes": 9.5,
            "lane": "gpu",
            "usd_micro": 48_200,
            "is_first_guess": False,
        },
        RowBody: _ROW,
        RowChanges: {"cells": _CELLS},
        RowList: {"items": [_ROW], "next_cursor": None, "total": 1},
        LinksMade: {"made": 36},
        MailMerge: {
            "subject": "{{名前|さん}}へ、ご卒業おめでとうございます",
            "note": "みんなで作ったビデオです。",
            "language": "ja",
            "per_minute": 30,
        },
        MailMergeBody: {
            "queued": 36,
            "last_leaves_at": "2026-06-02T00:01:12Z",
            "had_one": 0,
            "suppressed": 1,
            "not_ready": 1,
            "no_address": 0,
            "no_value": 0,
        },
    },
    of_operations={
        "createCampaign.201": _MADE,
        "putList.request": {
            "text": "名前,よみ,メール\n佐藤太郎,サ'トー タ'ロー,taro@example.com\n"
        },
        "putList.200": _WITH_LIST,
        "changeCampaign.200": _WITH_LIST,
        "changeRow.200": _WAITING_ROW,
        "startCampaign.200": _STARTED,
        "pauseCampaign.200": _RUNNING | {"state": "paused"},
        "cancelCampaign.200": _CANCELLED,
        "reopenCampaign.200": _WITH_LIST,
        "retryRow.200": _RETRIED_ROW,
    },
)
