"""VOICEVOX: characters that speak Japanese, by an engine beside the service (VOICEVOX_URL)."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from openvoice_service.audio import Waveform
from openvoice_service.base_voices.voicevox.engine import (
    SAMPLE_LIMITS,
    EngineTrouble,
    VoicevoxEngine,
    read_sound,
)
from openvoice_service.base_voices.voicevox.pictures import Picture, as_picture
from openvoice_service.base_voices.voicevox.voice import PREFIX, VoicevoxVoice
from openvoice_service.base_voices.voicevox.wire import Character, CharacterInfo, StyleInfo

__all__ = ["PREFIX", "EngineTrouble", "Picture", "State", "Terms", "Voicevox", "VoicevoxVoice"]

logger = logging.getLogger(__name__)

State = Literal["off", "starting", "ready", "slow", "failing", "down"]
REASONS: dict[State, str] = {
    "off": "There is no VOICEVOX engine (VOICEVOX_URL).",
    "starting": "VOICEVOX is starting.",
    "slow": "VOICEVOX is too slow at the moment.",
    "failing": "VOICEVOX answers with errors.",
    "down": "VOICEVOX does not answer.",
}
LOOK_EVERY_S = 30.0
LOOK_AGAIN_S = 3.0
# A sentence that failed is believed for longer than the engine's word that it is well.
TROUBLE_S = 30.0
_FIRST_LOOK_S = 3.0
_MAX_TERMS = 20_000


@dataclass(frozen=True)
class Terms:
    """What is to be read before a character is used, and how many samples there are to hear."""

    text: str
    samples: int


class Voicevox:
    """Everybody whom the engine brings along, and how the engine is; safe to call from any thread.

    Characters that were seen once stay listed while the engine is away.

    url: the engine's address, empty where there is none
    """

    def __init__(self, url: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = VoicevoxEngine(url) if url else None
        self._clock = clock
        self._lock = threading.Lock()
        self._state: State = "down" if url else "off"
        self._version: str | None = None
        self._voices: dict[str, VoicevoxVoice] = {}
        self._infos: dict[str, CharacterInfo] = {}
        self._warm: set[int] = set()
        self._trouble_until_s = float("-inf")
        self._looked, self._closed = threading.Event(), threading.Event()
        if self._engine is not None:
            threading.Thread(target=self._keep_looking, name="voicevox", daemon=True).start()

    # --- who there is ---------------------------------------------------------------------------

    @property
    def state(self) -> State:
        """Return how the engine is, as far as is known."""
        return self._state

    @property
    def reason(self) -> str | None:
        """Return a sentence why nobody speaks, None where everybody does."""
        return REASONS.get(self._state)

    @property
    def version(self) -> str | None:
        """Return the engine's version as it was seen last."""
        return self._version

    @property
    def voices(self) -> Sequence[VoicevoxVoice]:
        """Return all who were seen, in the engine's order."""
        self._await_first_look()
        return list(self._voices.values())

    def get(self, voice_id: str) -> VoicevoxVoice | None:
        """Return the voice with this id, or None."""
        if not voice_id.startswith(PREFIX):
            return None
        self._await_first_look()
        return self._voices.get(voice_id)

    def may_have(self, voice_id: str) -> bool:
        """Return whether the id may be of somebody whom an engine that is away has not named."""
        return voice_id.startswith(PREFIX) and self._state not in ("off", "ready")

    def close(self) -> None:
        """End the looking."""
        self._closed.set()
        if self._engine is not None:
            self._engine.close()

    # --- how it is ------------------------------------------------------------------------------

    def look(self) -> None:
        """Ask the engine who it is and whom it has."""
        assert self._engine is not None  # noqa: S101 - only an engine is looked at
        try:
            version = self._engine.version()
        except EngineTrouble as trouble:
            self._note("down" if trouble.kind == "failing" else trouble.kind)
            return
        try:
            characters = self._engine.characters()
        except EngineTrouble as trouble:
            # It answers, though not yet to everything.
            self._note("starting" if not self._voices else trouble.kind)
            return
        self._meet(version, characters)
        is_spared = self._clock() < self._trouble_until_s
        if not is_spared:
            self._note("ready" if self._voices else "starting")

    def _keep_looking(self) -> None:
        while not self._closed.is_set():
            try:
                self.look()
            except Exception as error:
                logger.warning("VOICEVOX cannot be looked at: %s", type(error).__name__)
            self._looked.set()
            self._closed.wait(LOOK_EVERY_S if self._state == "ready" else LOOK_AGAIN_S)

    def _await_first_look(self) -> None:
        if self._engine is not None:
            self._looked.wait(_FIRST_LOOK_S)

    def _note(self, state: State) -> None:
        if state == self._state:
            return
        logger.log(logging.INFO if state == "ready" else logging.WARNING, "VOICEVOX is %s", state)
        self._state = state
        if state != "ready":
            self._warm.clear()  # one that was started anew has forgotten

    def _report(self, trouble: EngineTrouble) -> None:
        """Note what a sentence met with; an error may be of that sentence alone."""
        if trouble.kind != "failing":
            self._trouble_until_s = self._clock() + TROUBLE_S
            self._note(trouble.kind)

    def _meet(self, version: str, characters: Sequence[Character]) -> None:
        assert self._engine is not None  # noqa: S101
        engine = self._engine
        if version != self._version:
            self._version = version
            self._infos.clear()
            self._warm.clear()
        voices = [
            VoicevoxVoice(engine, version, character, style, self._prepare, self._report)
            for character in characters
            for style in character.styles
            if style.type == "talk"
        ]
        self._voices = {voice.id: voice for voice in voices}

    # --- before somebody speaks -----------------------------------------------------------------

    def _prepare(self, style: int) -> None:
        """Load the style once; while the engine is away, say so at once. Raises EngineTrouble."""
        assert self._engine is not None  # noqa: S101
        if self._state in ("down", "slow", "starting"):
            kind: Literal["down", "slow"] = "slow" if self._state == "slow" else "down"
            raise EngineTrouble(kind, "does not answer")
        if style in self._warm:
            return
        try:
            self._engine.warm_up(style)
        except EngineTrouble as trouble:
            self._report(trouble)
            raise
        self._warm.add(style)

    def warm_up(self, voice: VoicevoxVoice) -> None:
        """Load a style in the background: somebody is about to use it."""
        if self._state == "ready" and voice.style.id not in self._warm:
            threading.Thread(target=self._warm_quietly, args=(voice,), daemon=True).start()

    def _warm_quietly(self, voice: VoicevoxVoice) -> None:
        with suppress(EngineTrouble):  # the first sentence will tell
            self._prepare(voice.style.id)

    # --- what goes with a character -------------------------------------------------------------

    def terms(self, voice: VoicevoxVoice) -> Terms:
        """Return a character's terms. Raises EngineTrouble."""
        info = self._info(voice)
        samples = len(_style_info(info, voice).voice_samples)
        return Terms(info.policy[:_MAX_TERMS], samples)

    def icon(self, voice: VoicevoxVoice) -> Picture:
        """Return the style's small picture. Raises EngineTrouble."""
        return self._picture(_style_info(self._info(voice), voice).icon)

    def portrait(self, voice: VoicevoxVoice) -> Picture:
        """Return the style's or the character's picture. Raises EngineTrouble."""
        info = self._info(voice)
        return self._picture(_style_info(info, voice).portrait or info.portrait)

    def sample(self, voice: VoicevoxVoice, index: int) -> Waveform | None:
        """Return a sample of the style, None where there are not so many. Raises EngineTrouble."""
        assert self._engine is not None  # noqa: S101
        samples = _style_info(self._info(voice), voice).voice_samples
        if not 0 <= index < len(samples):
            return None
        return read_sound(self._engine.resource(samples[index]), SAMPLE_LIMITS)

    def _picture(self, reference: str) -> Picture:
        assert self._engine is not None  # noqa: S101
        picture = as_picture(self._engine.resource(reference))
        if picture is None:
            raise EngineTrouble("failing", "gives no picture")
        return picture

    def _info(self, voice: VoicevoxVoice) -> CharacterInfo:
        assert self._engine is not None  # noqa: S101
        character_id = voice.character.speaker_uuid
        info = self._infos.get(character_id)
        if info is None:
            info = self._engine.info(character_id)
            self._infos[character_id] = info
        return info


def _style_info(info: CharacterInfo, voice: VoicevoxVoice) -> StyleInfo:
    for style in info.style_infos:
        if style.id == voice.style.id:
            return style
    raise EngineTrouble("failing", "knows nothing of this style")
