"""Links, their audience, mails with them, and what the recipient's page is told and tells."""

from typing import Any

from backend.examples import known
from backend.examples.shape import Examples
from backend.mail.schemas import (
    EmailBody,
    EmailList,
    NewEmails,
    NewSuppression,
    SuppressionBody,
    SuppressionList,
)
from backend.shares.schemas import (
    AudienceBody,
    NewReaction,
    NewReply,
    OEmbed,
    Password,
    PlaybackEvent,
    PlaybackState,
    ReactionList,
    SentReply,
    ShareChanges,
    ShareList,
)

_HANAKO = "hanako@example.com"
_CTA = {"label": "お返事を書く", "url": "https://www.example.com/party"}
_UNSEEN = {
    "opened": 0,
    "views": 0,
    "viewers": 0,
    "quarters": [0, 0, 0, 0],
    "reactions": 0,
    "replies": 0,
}
SEEN = {
    "opened": 2,
    "views": 3,
    "viewers": 2,
    "quarters": [2, 2, 2, 1],
    "reactions": 1,
    "replies": 1,
}
_WISHES: dict[str, Any] = {
    "label": "花子さん",
    "expires_at": "2099-12-31T15:00:00Z",
    "view_limit": 20,
    "allow_download": True,
    "allow_reactions": True,
    "allow_replies": True,
    "cta": _CTA,
}
_MADE: dict[str, Any] = _WISHES | {
    "id": known.SHARE,
    "revision": "0f6d2b9c7e184a35a1c0d8e47b5293f6",
    "url": known.SHARE_URL,
    "state": "open",
    "has_password": False,
    "admissions": 0,
    "views": 0,
    "last_viewed_at": None,
    "stats": _UNSEEN,
    "created_at": "2026-05-10T01:05:00Z",
    "revoked_at": None,
}
_SHARE = _MADE | {
    "admissions": 2,
    "views": 3,
    "last_viewed_at": "2026-05-11T11:00:00Z",
    "stats": SEEN,
}
_CHANGES = {"allow_download": False, "view_limit": None}
_REPLY = {
    "id": known.REPLY,
    "share_id": known.SHARE,
    "at": "2026-05-11T11:05:00Z",
    "kind": "audio",
    "name": "花子",
    "text": None,
    "duration_s": 11.4,
    "content_url": f"/api/v1/replies/{known.REPLY}/content",
    "content_type": "audio/mp4",
}
_AUDIENCE = {
    "version": 7,
    "opened": 2,
    "views": 3,
    "viewers": 2,
    "quarters": SEEN["quarters"],
    "heat": [2] * 40 + [1] * 10,
    "reactions": [{"emoji": "🎉", "count": 1}],
    "replies": [_REPLY],
    "shares": [
        SEEN
        | {
            "share_id": known.SHARE,
            "label": _SHARE["label"],
            "last_viewed_at": _SHARE["last_viewed_at"],
        }
    ],
}
_STATE = {
    "phase": "ready",
    "percent": 100.0,
    "video_url": f"{known.SHARE_PATH}/video.mp4",
    "stream_url": None,
    "stream_type": None,
    "poster_url": f"{known.SHARE_PATH}/poster.jpg",
    "captions_url": f"{known.SHARE_PATH}/captions.vtt",
    "thumbnail_url": f"{known.SHARE_PATH}/thumbnail.gif",
    "waveform_url": f"{known.SHARE_PATH}/waveform.json",
    "has_words": True,
    "duration_s": 11.6,
}
_OEMBED = {
    "version": "1.0",
    "type": "video",
    "title": "花子さんへ",
    "author_name": "山田太郎",
    "provider_name": "Video Message",
    "provider_url": known.PUBLIC_URL,
    "cache_age": 300,
    "html": (
        f'<iframe src="{known.SHARE_URL}/embed" width="640" height="360" title="花子さんへ" '
        'loading="lazy" allow="fullscreen; picture-in-picture" allowfullscreen></iframe>'
    ),
    "width": 640,
    "height": 360,
    "thumbnail_url": f"{known.SHARE_URL}/poster.jpg",
    "thumbnail_width": 1280,
    "thumbnail_height": 720,
}
_QUEUED = {
    "id": known.EMAIL,
    "share_id": known.SHARE,
    "email": _HANAKO,
    "name": "花子",
    "state": "queued",
    "tries": 0,
    "problem": None,
    "next_try_at": None,
    "waits_for_video": False,
    "created_at": "2026-05-10T01:06:00Z",
    "sent_at": None,
    "stats": _UNSEEN,
    "last_viewed_at": None,
}
_SENT = _QUEUED | {
    "state": "sent",
    "tries": 1,
    "sent_at": "2026-05-10T01:06:04Z",
    "stats": SEEN,
    "last_viewed_at": "2026-05-11T11:00:00Z",
}
_SUPPRESSION = {
    "id": known.SUPPRESSION,
    "address": "sato@example.com",
    "reason": "unsubscribed",
    "created_at": "2026-06-02T05:00:00Z",
}

EXAMPLES = Examples(
    of_models={
        ShareChanges: _WISHES,
        ShareList: {"items": [_SHARE]},
        AudienceBody: _AUDIENCE,
        Password: {"password": known.PASSWORD},
        PlaybackEvent: {"kind": "progress", "watched": [0, 1, 2, 3]},
        PlaybackState: _STATE,
        NewReaction: {"emoji": "🎉", "position_s": 4.2},
        ReactionList: {"reactions": {"🎉": 1}, "own_reactions": ["🎉"]},
        NewReply: {"name": "花子", "text": "ありがとう！とてもうれしかったです。"},
        SentReply: {"id": known.REPLY, "at": _REPLY["at"], "kind": "text"},
        OEmbed: _OEMBED,
        NewEmails: {
            "recipients": [{"email": _HANAKO, "name": "花子"}],
            "subject": "花子さんへ、ビデオメッセージです",
            "note": "お誕生日に間に合うように作りました。",
            "language": "ja",
            "rules": {"allow_download": True},
        },
        EmailBody: _QUEUED,
        EmailList: {"items": [_SENT]},
        NewSuppression: {"address": _SUPPRESSION["address"]},
        SuppressionBody: _SUPPRESSION | {"reason": "manual"},
        SuppressionList: {"items": [_SUPPRESSION], "next_cursor": None},
    },
    of_operations={
        "createShare.201": _MADE,
        "changeShare.request": _CHANGES,
        "changeShare.200": _SHARE | _CHANGES | {"revision": "7a90c4e1d3b5486f92e8f1067d2ac35b"},
        "createEmails.202": {"items": [_QUEUED]},
        "deleteReaction.200": {"reactions": {}, "own_reactions": []},
    },
)
