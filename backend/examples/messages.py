"""Messages: a birthday greeting to Hanako, from the first draft to the finished video."""

import math
from typing import Any

from backend.examples import known
from backend.examples.shape import Examples
from backend.examples.uploads import CROP
from backend.messages.making_time import MakingTime
from backend.messages.preview_schemas import PreviewBody
from backend.messages.schemas import (
    MessageBody,
    MessageChanges,
    MessageList,
    MessageSummary,
    RenderOrderBody,
    Waveform,
)
from backend.messages.takes import TakeBody, TakeList
from backend.music.schemas import TrackList
from backend.themes.routes import ThemeList
from backend.words.schemas import ReadingList, ReadingsOrder, WordBody, WordChanges, WordList

_PATH = f"/api/v1/messages/{known.MESSAGE}"
_KANA = "ハ'ナコサン、オタンジョ'ービ/オメデトー'"
_NEW: dict[str, Any] = {
    "kind": "photo",
    "title": "花子さんへ",
    "script": known.SCRIPT,
    "language": "ja",
    "voice": known.VOICE,
    "photo_upload_id": known.PHOTO,
    "photo_crops": [{"upload_id": known.PHOTO, **CROP}],
    "aspect": "16:9",
    "burned_captions": "word",
    "waveform": "ring",
    "theme": "birthday",
    "title_card": "お誕生日おめでとう",
    "closing_card": "太郎より",
    "music_track": "music_box",
    "readings": [{"text": known.GREETING, "kana": _KANA}],
    "deliveries": [{"text": known.WISH, "speed": 0.95, "pause_after_s": 0.8}],
}
_DELIVERY = {
    "speed": 0.95,
    "pitch": 0.0,
    "intonation": 1.0,
    "volume": 1.0,
    "pause_after_s": 0.8,
    "text": known.WISH,
    "voice": None,
}
DRAFT: dict[str, Any] = _NEW | {
    "id": known.MESSAGE,
    "revision": "bf38e3fff810435ae4fc025baacb097e",
    "deliveries": [_DELIVERY],
    "more_photo_upload_ids": [],
    "background": None,
    "recording_upload_id": None,
    "trim_start_s": 0.0,
    "trim_end_s": None,
    "captions_vtt": None,
    "music_upload_id": None,
    "campaign_id": None,
    "state": "draft",
    "attempt": 0,
    "progress": {"stage": None, "percent": 0.0, "eta_s": None, "note": None},
    "problem": None,
    "duration_s": None,
    "width_px": None,
    "height_px": None,
    "engine": None,
    "base_voice": None,
    "credit": None,
    "receipt": None,
    "synthetic": True,
    "stream_url": None,
    "stream_type": None,
    "video_url": None,
    "poster_url": None,
    "thumbnail_url": None,
    "waveform_url": None,
    "captions_url": None,
    "small_video_url": None,
    "created_at": "2026-05-10T01:00:00Z",
    "updated_at": "2026-05-10T01:00:00Z",
}
_CHANGES = {"title": "花子さんへ（お誕生日）", "closing_card": "太郎より、愛をこめて"}
_CHANGED = DRAFT | _CHANGES | {"revision": "822be3dcc02a77136bbabc52794cb61b"}
_ORDERED = _CHANGED | {
    "revision": "5d0a4a1f0d9d4f4f8f7a1f6f7d0e9b3c",
    "state": "queued",
    "attempt": 1,
    "progress": {"stage": "queued", "percent": 0.0, "eta_s": 42.0, "note": None},
    "width_px": 1280,
    "height_px": 720,
    "updated_at": "2026-05-10T01:02:00Z",
}
READY = _ORDERED | {
    "revision": "e3b97bb2c6de4d0f9a8c1a2f4b5d6e70",
    "state": "ready",
    "progress": {"stage": None, "percent": 100.0, "eta_s": None, "note": None},
    "duration_s": 11.6,
    "engine": "openvoice",
    "base_voice": "open_jtalk:mei_normal",
    "receipt": {"lane": "gpu", "speech_s": 2.4, "usd_micro": 473},
    "video_url": f"{_PATH}/video",
    "poster_url": f"{_PATH}/poster",
    "thumbnail_url": f"{_PATH}/thumbnail.gif",
    "waveform_url": f"{_PATH}/waveform",
    "captions_url": f"{_PATH}/captions.vtt",
    "small_video_url": f"{_PATH}/small",
    "updated_at": "2026-05-10T01:03:00Z",
}
_SUMMARY = {name: READY[name] for name in MessageSummary.model_fields if name in READY} | {
    "opening": known.SCRIPT
}
_STOPPED = _ORDERED | {
    "state": "cancelled",
    "progress": {"stage": None, "percent": 0.0, "eta_s": None, "note": None},
}
_CAPTIONED = DRAFT | {
    "kind": "recording",
    "voice": None,
    "script": "",
    "photo_upload_id": None,
    "photo_crops": [],
    "readings": [],
    "deliveries": [],
    "recording_upload_id": known.PHOTO,
    "captions_vtt": f"WEBVTT\n\n00:00.500 --> 00:03.200\n{known.GREETING}\n",
    "synthetic": False,
}
_TAKE = {
    "text": known.GREETING,
    "language": "ja",
    "voice": known.VOICE,
    "reading": _KANA,
    "speed": 0.95,
    "pitch": 0.0,
    "intonation": 1.0,
    "volume": 1.0,
}
_WORD = {
    "id": known.WORD,
    "revision": "5be1f0a2c87d4693b4d02e9a613c7f85",
    "surface": "小鳥遊",
    "kana": "タカナシ",
    "created_at": "2026-05-10T00:50:00Z",
}
_OTHER_WORD = {"surface": "東海林", "kana": "ショ'ージ"}
_PREVIEW = {
    "duration_s": 11.6,
    "frame_rate": 25,
    "width_px": 1280,
    "height_px": 720,
    "segments": [
        {
            "start_frame": 0,
            "frame_count": 62,
            "picture": 0,
            "depth": 0.0,
            "focus_x": 0.5,
            "focus_y": 0.44,
            "sound_url": f"{_PATH}/preview/d08fb3e0218a7f2889429b962e3f857f",
            "card": "お誕生日おめでとう",
        },
        {
            "start_frame": 62,
            "frame_count": 228,
            "picture": 0,
            "depth": 0.08,
            "focus_x": 0.48,
            "focus_y": 0.44,
            "sound_url": f"{_PATH}/preview/4f7a9f0e5b1c2d3a8e6d7c5b4a392817",
            "card": "",
        },
    ],
    "cues": [
        {"start_s": 2.9, "end_s": 5.4, "text": known.GREETING},
        {"start_s": 5.9, "end_s": 8.3, "text": known.WISH},
    ],
    "photo_urls": [f"/api/v1/uploads/{known.PHOTO}/content"],
    "photo_crops": [CROP],
    "background": None,
    "accent": "#ffc94d",
    "shade": "#7a2e5d",
    "ornament_url": "/api/v1/themes/birthday/ornament?aspect=16:9",
    "waveform": "ring",
    "music_url": "/api/v1/music/music_box",
    "credit": None,
    "draft": False,
}
_READINGS: list[dict[str, Any]] = [
    {
        "text": known.GREETING,
        "parts": [{"text": known.GREETING, "is_stressed": False, "pause_s": None}],
        "suggested": _KANA,
    },
    {
        "text": "また*必ず*会いましょうね。",
        "parts": [
            {"text": "また", "is_stressed": False, "pause_s": None},
            {"text": "必ず", "is_stressed": True, "pause_s": None},
            {"text": "会いましょうね。", "is_stressed": False, "pause_s": None},
        ],
        "suggested": "マタ'/カナラズ'/アイマ'ショーネ",
    },
]
_BIRTHDAY = {
    "id": "birthday",
    "name": {"ja": "誕生日", "en": "Birthday"},
    "accent": "#ffc94d",
    "shade": "#7a2e5d",
    "ornament": "confetti",
    "title": {"ja": "お誕生日おめでとう", "en": "Happy birthday"},
    "closing": {"ja": "すてきな一年になりますように", "en": "Have a wonderful year"},
    "music": "music_box",
    "waveform": "ring",
}
_TRACK = {
    "id": "music_box",
    "name": {"ja": "オルゴールのワルツ", "en": "Music box waltz"},
    "duration_s": 24.83,
    "content_url": "/api/v1/music/music_box",
}
_PEAKS = [round(abs(math.sin(place / 7) * math.cos(place / 31)), 2) for place in range(200)]

EXAMPLES = Examples(
    of_models={
        MessageChanges: _NEW,
        MessageBody: READY,
        MessageList: {"items": [_SUMMARY], "next_cursor": None},
        RenderOrderBody: {"priority": "personal"},
        Waveform: {"peaks": _PEAKS},
        MakingTime: {"making_s": 42.0, "wait_s": 5.0, "length_s": 11.6, "is_measured": True},
        TakeBody: _TAKE,
        TakeList: {"items": [_TAKE]},
        PreviewBody: _PREVIEW,
        WordChanges: {"surface": _WORD["surface"], "kana": _WORD["kana"]},
        WordBody: _WORD,
        WordList: {"items": [_WORD]},
        ReadingsOrder: {"text": "".join(one["text"] for one in _READINGS), "language": "ja"},
        ReadingList: {"items": _READINGS},
        ThemeList: {"items": [_BIRTHDAY]},
        TrackList: {"items": [_TRACK]},
    },
    of_operations={
        "createMessage.201": DRAFT,
        "changeMessage.request": _CHANGES,
        "changeMessage.200": _CHANGED,
        "duplicateMessage.201": DRAFT,
        "cancelMessage.200": _STOPPED,
        "renderMessage.202": _ORDERED,
        "changeWord.request": _OTHER_WORD,
        "changeWord.200": _WORD | _OTHER_WORD | {"revision": "e81d3c60b9a54f278f7c15d0426eab93"},
        "putCaptions.200": _CAPTIONED,
        "deleteCaptions.200": _CAPTIONED | {"captions_vtt": None},
    },
)
