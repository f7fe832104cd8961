"""The tones of the base voices: learned once from fixed sentences, then kept."""

import hashlib
import threading
import uuid
from pathlib import Path

from openvoice_service.base_voices import BaseVoice, Prosody
from openvoice_service.engines import Engine, Tone

# Two or three sentences a language, chosen for covering its sounds.
CORPUS = {
    "ja": (
        "あらゆる現実をすべて自分の方へねじ曲げたのだ。",
        "昨日は友達と海辺の小さな町を歩き、夕焼けの写真をたくさん撮りました。",
        "来週の水曜日、午後三時に駅前の広場でお会いしましょう。",
    ),
    "en": (
        "The quick brown fox jumps over the lazy dog, while five wizards watch from a bridge.",
        "Yesterday we walked along the shore and took a hundred pictures of the evening light.",
        "Please join us on Wednesday at three, and bring your oldest friends along.",
    ),
    "zh": ("今天的天气非常好，我们一起去公园散步吧。", "祝你生日快乐，身体健康，万事如意。"),
    "ko": (
        "오늘은 날씨가 아주 좋아서 친구들과 공원에 갔습니다.",
        "생일 축하합니다, 늘 건강하세요.",
    ),
    "es": (
        "El veloz murciélago hindú comía feliz cardillo y kiwi mientras la cigüeña tocaba.",
        "Ayer caminamos por la playa y sacamos cien fotos de la puesta del sol.",
    ),
    "fr": (
        "Portez ce vieux whisky au juge blond qui fume sur son île intérieure.",
        "Hier nous avons marché le long de la mer et pris cent photos du soir.",
    ),
}


class BaseTones:
    """Gives each base voice's tone; safe to call from many threads and processes."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        self._known: dict[str, Tone] = {}
        self._lock = threading.Lock()
        self._turns: dict[str, threading.Lock] = {}

    def get(self, voice: BaseVoice) -> Tone:
        """Return the tone of `voice`, learning it when it is not known yet."""
        with self._turn(voice):
            tone = self._known.get(voice.key) or self._load(voice) or self._learn(voice)
            self._known[voice.key] = tone
            return tone

    def _turn(self, voice: BaseVoice) -> threading.Lock:
        # One lock a voice: a Japanese sentence need not wait until English has been learnt.
        with self._lock:
            return self._turns.setdefault(voice.key, threading.Lock())

    def _path(self, voice: BaseVoice) -> Path:
        sentences = "\n".join(CORPUS[voice.languages[0]])
        facts = f"{voice.key}\n{self._engine.name}/{self._engine.version}\n{sentences}"
        name = hashlib.sha256(facts.encode()).hexdigest()[:24]
        return self._folder / f"{name}-{self._engine.tone_file}"

    def _load(self, voice: BaseVoice) -> Tone | None:
        path = self._path(voice)
        try:
            return self._engine.load_tone(path) if path.exists() else None
        except ValueError:
            return None

    def _learn(self, voice: BaseVoice) -> Tone:
        sentences = CORPUS[voice.languages[0]]
        tone = self._engine.embed([voice.speak(text, Prosody()).wave for text in sentences])
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f".{uuid.uuid4().hex}"
        try:
            tone.save(draft)
            draft.replace(self._path(voice))
        finally:
            draft.unlink(missing_ok=True)
        return tone
