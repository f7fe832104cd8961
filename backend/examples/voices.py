"""Voices of one's own and of the product, and speech as OpenAI's clients ask for it."""

from typing import Any

from backend.examples import known
from backend.examples.shape import Examples
from backend.speech_api.schemas import ModelList, SpeakableVoices, SpeechOrder
from backend.voices.schemas import (
    BaseVoiceList,
    CharacterTerms,
    NewVoice,
    Preview,
    VoiceBody,
    VoiceChanges,
    VoiceList,
)

_CONSENT = (
    "この録音で話しているのは私本人です。この録音から「わたしの声」という合成音声を作り、"
    "私のアカウントから送るメッセージに、私が削除するまで使うことに同意します。"
)
_VOICE: dict[str, Any] = {
    "id": known.VOICE,
    "name": "わたしの声",
    "language": "ja",
    "base_voice": None,
    "state": "ready",
    "engine": "openvoice",
    "report": {
        "voiced_s": 21.4,
        "snr_db": 38.5,
        "clipped_fraction": 0.0,
        "level_dbfs": -19.2,
        "dispersion": 0.31,
        "verdict": "good",
        "advice": "none",
        "advice_text": "Nothing to fix.",
    },
    "consent": {"text": _CONSENT, "accepted_at": "2026-04-05T02:10:00Z"},
    "created_at": "2026-04-05T02:10:00Z",
}
_RENAMED = _VOICE | {"name": "わたしの声（仕事用）"}
_CREDIT = "VOICEVOX:ずんだもん"
_OPEN_JTALK = {
    "id": "open_jtalk:mei_normal",
    "name": "Mei (Open JTalk)",
    "languages": ["ja"],
    "credit": None,
    "ready": True,
    "character": None,
    "accents": True,
    "controls": ["speed", "pitch", "volume", "pause_after_s"],
}
_ZUNDAMON = {
    "id": "voicevox:3",
    "name": "ずんだもん（ノーマル）",
    "languages": ["ja"],
    "credit": _CREDIT,
    "ready": True,
    "character": {
        "id": "388f246b-8c41-4ac1-8e2d-5d79f3ff56d9",
        "name": "ずんだもん",
        "style": "ノーマル",
    },
    "accents": True,
    "controls": ["speed", "pitch", "intonation", "volume", "pause_after_s"],
}
_SPEAKABLE = [
    {
        "id": _OPEN_JTALK["id"],
        "kind": "base",
        "name": _OPEN_JTALK["name"],
        "languages": ["ja"],
        "engine": None,
        "credit": None,
        "created_at": None,
    },
    {
        "id": known.VOICE,
        "kind": "profile",
        "name": _VOICE["name"],
        "languages": ["ja"],
        "engine": "openvoice",
        "credit": None,
        "created_at": _VOICE["created_at"],
    },
]
_TIMED = {
    "audio": "//OExAAAAAAAAAAAAFhpbmcAAAAPAAAAPQAAL4gA",
    "format": "mp3",
    "sample_rate_hz": 24_000,
    "duration_s": 0.9,
    "engine": "openvoice",
    "base_voice": _OPEN_JTALK["id"],
    "voice": known.VOICE,
    "language": "ja",
    "credit": None,
    "sentences": [
        {
            "index": 0,
            "text": "おめでとう。",
            "start_s": 0.02,
            "end_s": 0.74,
            "cache_hit": False,
            "cache_key": "f2f525f957f76801f2186bfc00bd18a2f9f689b312abe19bf6ba1acbda6aa9d1",
            "reading": None,
            "words": [{"text": "おめでとう。", "start_s": 0.02, "end_s": 0.74}],
            "moras": [
                {"text": "オ", "start_s": 0.02, "end_s": 0.12},
                {"text": "メ", "start_s": 0.12, "end_s": 0.26},
                {"text": "デ", "start_s": 0.26, "end_s": 0.39},
                {"text": "ト", "start_s": 0.39, "end_s": 0.56},
                {"text": "ー", "start_s": 0.56, "end_s": 0.74},
            ],
            "voice": known.VOICE,
            "base_voice": _OPEN_JTALK["id"],
            "stood_in": False,
            "is_common": False,
        }
    ],
}
_MODEL = {"id": "openvoice", "object": "model", "created": 0, "owned_by": "video-message"}

EXAMPLES = Examples(
    of_models={
        NewVoice: {
            "name": _VOICE["name"],
            "language": "ja",
            "upload_id": known.SAMPLE,
            "consent": {"accepted": True, "text": _CONSENT},
        },
        VoiceBody: _VOICE,
        VoiceList: {"items": [_VOICE], "next_cursor": None},
        VoiceChanges: {"name": _RENAMED["name"]},
        Preview: {"text": known.GREETING, "language": "ja", "delivery": {"speed": 0.95}},
        BaseVoiceList: {"items": [_OPEN_JTALK, _ZUNDAMON], "voicevox": "ready"},
        CharacterTerms: {
            "credit": _CREDIT,
            "terms": f"# ずんだもん\n\n「{_CREDIT}」とクレジットを表記してください。",
            "samples": 3,
        },
        SpeechOrder: {
            "model": "openvoice",
            "voice": known.VOICE,
            "input": f"{known.GREETING}{known.WISH}",
            "response_format": "mp3",
            "language": "ja",
            "speed": 0.95,
            "words": [{"surface": "花子", "kana": "ハ'ナコ"}],
        },
        ModelList: {"object": "list", "data": [_MODEL]},
        SpeakableVoices: {"items": _SPEAKABLE},
    },
    of_operations={
        "changeVoice.200": _RENAMED,
        "speakTimed.request": {
            "voice": known.VOICE,
            "input": "おめでとう。",
            "response_format": "mp3",
            "language": "ja",
        },
        "speakTimed.200": _TIMED,
    },
)
