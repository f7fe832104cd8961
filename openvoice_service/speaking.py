"""From a request to an order: which voice, which language, and whether it may be said at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openvoice_service.base_voices import BaseVoice, BaseVoices, Prosody
from openvoice_service.base_voices.voicevox import PREFIX as VOICEVOX
from openvoice_service.cache import NOBODY
from openvoice_service.delivering import with_deliveries
from openvoice_service.device import BULK, INTERACTIVE, Turn
from openvoice_service.engines import ENGINE_NAMES, Engine, Tone, why_unavailable
from openvoice_service.problems import Problem, invalid, unavailable, voicevox_unavailable
from openvoice_service.profiles import Profile, ProfileNotFound, ProfileStore
from openvoice_service.pronouncing import with_readings
from openvoice_service.schemas import SpeechRequest
from openvoice_service.synthesis import Order, Synthesiser, Teller
from openvoice_service.text import Sentence, detect_language, known_language, split_script
from openvoice_service.tones import BaseTones

# OpenAI's own names, so that an unchanged client says something.
OPENAI_VOICES = frozenset(
    ("alloy", "ash", "ballad", "coral", "echo", "fable", "onyx", "nova", "sage", "shimmer")
)


@dataclass(frozen=True)
class Plan:
    """A request that can be carried out.

    stand_in: the order to carry out where the base voice's engine does not answer; None for none
    """

    sentences: list[Sentence]
    order: Order
    language: str
    engine: str | None
    stand_in: Order | None = None

    @property
    def credit(self) -> str | None:
        """Return the credits of all whose voices are heard, each once."""
        bases = [self.order.teller_of(sentence).base for sentence in self.sentences]
        return " / ".join(dict.fromkeys(base.credit for base in bases if base.credit)) or None

    def standing_in(self) -> "Plan | None":
        """Return the plan with the voice that stands in, None where none may."""
        return None if self.stand_in is None else replace(self, order=self.stand_in, stand_in=None)


@dataclass(frozen=True)
class _Wish:
    """Whose voice is asked for; `place` is where in the request its fields stand."""

    voice: str | None
    base_voice: str | None
    place: str = ""

    @property
    def reader(self) -> tuple[str, str] | None:
        """Return the base voice that is asked for by name, and the field that does."""
        if self.base_voice:
            return self.base_voice, f"{self.place}base_voice"
        is_base = self.voice is not None and ":" in self.voice
        return (self.voice or "", f"{self.place}voice") if is_base else None


@dataclass(frozen=True)
class Speaker:
    """Everything that speaking needs.

    lacking: why each engine that is not ready is not; the others serve or could
    """

    engine: Engine
    base_voices: BaseVoices
    profiles: ProfileStore
    synthesiser: Synthesiser
    lacking: Mapping[str, str]

    def plan(self, request: SpeechRequest, max_characters: int, turn: Turn) -> Plan:
        """Return how to carry `request` out; `turn` learns its priority. Raises Problem."""
        turn.priority = BULK if request.priority == "bulk" else INTERACTIVE
        _require_length(request.input, max_characters)
        self._require_engine(request.engine)
        language = self._language(request, self._profile(request.voice_id, "voice"))
        sentences = with_readings(
            split_script(request.input, language, has_markup=request.markup),
            language,
            request.readings,
            request.words,
        )
        sentences = with_deliveries(sentences, request.deliveries)
        order = Order(
            self._teller(request, language, _Wish(request.voice_id, request.base_voice)),
            Prosody(request.speed, request.pitch, request.intonation),
            request.pause,
            request.volume,
            request.kept_for or NOBODY,
            turn,
            self._others(request, language, sentences),
            request.common.kept_for if request.common is not None else NOBODY,
            _common_sentences(request, language),
        )
        return self._planned(request, language, sentences, order)

    def _planned(
        self, request: SpeechRequest, language: str, sentences: list[Sentence], order: Order
    ) -> Plan:
        tellers = [order.teller_of(sentence) for sentence in sentences]
        is_converted = any(teller.target is not None for teller in tellers)
        plan = Plan(sentences, order, language, self.engine.name if is_converted else None)
        if not request.stand_in or not any(teller.is_of_voicevox for teller in tellers):
            return plan
        plan = replace(plan, stand_in=order.read_for_voicevox_by(self.base_voices.open_jtalk))
        is_away = any(teller.is_stood_in_for for teller in tellers)
        return plan.standing_in() or plan if is_away else plan

    def _teller(self, request: SpeechRequest, language: str, wish: _Wish) -> Teller:
        field = f"{wish.place}voice"
        profile = self._profile(wish.voice, field)
        target = self._tone(profile, field)
        base = self._base(request, language, target, wish)
        voice = profile.id if profile is not None else base.id
        return Teller(voice, base, target, wish.reader[0] if wish.reader is not None else None)

    def _others(
        self, request: SpeechRequest, language: str, sentences: Sequence[Sentence]
    ) -> dict[tuple[str | None, str | None], Teller]:
        """Return who says the sentences that ask for somebody; wishes of no sentence are unused."""
        others: dict[tuple[str | None, str | None], Teller] = {}
        places = {one.text.strip(): at for at, one in enumerate(request.deliveries)}
        for sentence in sentences:
            asked = sentence.delivery.said_by
            if asked == (None, None) or asked in others:
                continue
            place = f"deliveries.{places[sentence.source]}."
            wish = _Wish(asked[0] or request.voice_id, asked[1], place)
            try:
                others[asked] = self._teller(request, language, wish)
            except Problem as problem:
                problem.of_sentence(sentence.source)
                raise
        return others

    def _require_engine(self, name: str | None) -> None:
        if name is None or name == self.engine.name:
            return
        known = name in ENGINE_NAMES
        message = "Another engine serves here." if known else "There is no such engine."
        raise invalid(
            "engine", "engine_unavailable", self.lacking.get(name, message), "Leave it out."
        )

    def _profile(self, voice_id: str | None, field: str) -> Profile | None:
        if voice_id is None or ":" in voice_id or voice_id in OPENAI_VOICES:
            return None
        try:
            return self.profiles.get(voice_id)
        except ProfileNotFound as error:
            raise _unknown_voice(field) from error

    def _tone(self, profile: Profile | None, field: str) -> Tone | None:
        if profile is None:
            return None
        try:
            return self.profiles.tone(profile.id, self.engine)
        except ProfileNotFound as error:
            raise _unknown_voice(field) from error

    def _language(self, request: SpeechRequest, profile: Profile | None) -> str:
        if request.language:
            return known_language(request.language)
        base = self.base_voices.get(request.voice_id or "")
        if base is not None:
            return base.languages[0]
        detected = detect_language(request.input)
        return detected if request.input.strip() or profile is None else profile.language

    def _base(
        self, request: SpeechRequest, language: str, target: Tone | None, wish: _Wish
    ) -> BaseVoice:
        if wish.reader is not None:
            asked, field = wish.reader
            if asked.startswith(VOICEVOX) and self.base_voices.get(asked) is None:
                asked = self._in_place_of(asked, field, may_stand_in=request.stand_in)
            return self._asked_base(asked, language, field)
        if request.readings:
            return self._with_accents(language)
        if target is None:
            return self.base_voices.of_language(language)[0]
        return self.synthesiser.nearest_base(language, target)

    def _in_place_of(self, asked: str, field: str, *, may_stand_in: bool) -> str:
        """Return who speaks for somebody of VOICEVOX who is not known here. Raises Problem."""
        voicevox = self.base_voices.voicevox
        if may_stand_in and voicevox.state != "ready":
            return self.base_voices.open_jtalk.id
        if voicevox.may_have(asked):
            raise voicevox_unavailable(voicevox.reason or "", field)
        raise _unknown_voice(field)

    def _with_accents(self, language: str) -> BaseVoice:
        """Return the first voice that lets accents be heard: somebody set some."""
        voices = self.base_voices.of_language(language)
        return next((voice for voice in voices if voice.has_accents), voices[0])

    def _asked_base(self, voice_id: str, language: str, field: str) -> BaseVoice:
        voice = self.base_voices.get(voice_id)
        if voice is None:
            raise _unknown_voice(field)
        if language not in voice.languages:
            message = f"This voice does not read {language}."
            fix = f"Choose a voice of that language, or the language {voice.languages[0]}."
            raise invalid(field, "voice_language_mismatch", message, fix)
        return voice


def _common_sentences(request: SpeechRequest, language: str) -> frozenset[str]:
    """Return the sentences that are kept for others; a template that can't be cut has none."""
    if request.common is None:
        return frozenset()
    try:
        shared = split_script(request.common.text, language, has_markup=request.markup)
    except Problem:
        return frozenset()
    return frozenset(sentence.source for sentence in shared)


def _require_length(text: str, max_characters: int) -> None:
    if len(text) > max_characters:
        message = f"The text has {len(text):,} characters."
        raise invalid("input", "script_too_long", message, f"Shorten it to {max_characters:,}.")


def _unknown_voice(field: str) -> Problem:
    return invalid(
        field, "voice_unknown", "There is no such voice.", "Choose one of GET /v1/voices."
    )


def lacking_engines(current: Engine, models_dir: Path | None) -> dict[str, str]:
    """Return what each engine that cannot run here lacks; loads none of them."""
    others = [name for name in ENGINE_NAMES if name != current.name]
    reasons = {name: why_unavailable(name, models_dir) for name in others}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def probe(speaker: Speaker, base_tones: BaseTones) -> None:
    """Say a word, so that readiness means that speech comes out. Raises Problem 503."""
    voice = speaker.base_voices.of_language("ja")[0]
    wave = voice.speak("はい", Prosody()).wave
    if hasattr(speaker.engine, "load"):  # a network is warm when something has gone through it
        tone = base_tones.get(voice)
        wave = speaker.engine.convert_tone(wave, tone, tone)
    if not len(wave.samples):
        raise unavailable("The base voice gives no sound.")
