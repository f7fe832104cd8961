"""A VOICEVOX character in one of its styles, behind the base-voice protocol."""

import math
from collections.abc import Callable, Collection, Sequence

from openvoice_service.audio import Waveform
from openvoice_service.base_voices.emphasis import (
    HIGHER_SEMITONES,
    SLOWER,
    louder,
    stressed_stretches,
)
from openvoice_service.base_voices.protocol import ALL_CONTROLS, MoraSpan, Prosody, Span, Spoken
from openvoice_service.base_voices.voicevox.engine import EngineTrouble, VoicevoxEngine
from openvoice_service.base_voices.voicevox.timing import Reckoning, reckon, rises
from openvoice_service.base_voices.voicevox.wire import AudioQuery, Character, Mora, Style
from openvoice_service.base_voices.voicevox.words import word_marks
from openvoice_service.readings import Reading

PREFIX = "voicevox:"
MAX_DURATION_S = 120.0
_SEMITONE = math.log(2.0) / 12
# What is left around the speech; the pauses between sentences are added later.
_EDGE_S = 0.1
# Rounding inside the engine stays below this; more than the other is no sound of this query.
_SAME_S = 0.03
_MOST_CHANGE = 0.25


class VoicevoxVoice:
    """One style, for example `voicevox:3`: the number is the engine's own and never given anew.

    prepare: called before each sentence: loads the style once, raises where the engine is away
    report:  told of each trouble on the way
    """

    languages = ("ja",)
    has_accents = True
    stresses = True
    controls = ALL_CONTROLS

    def __init__(
        self,
        engine: VoicevoxEngine,
        version: str,
        character: Character,
        style: Style,
        prepare: Callable[[int], None],
        report: Callable[[EngineTrouble], None],
    ) -> None:
        self._engine = engine
        self._prepare = prepare
        self._report = report
        self.character = character
        self.style = style
        self.id = f"{PREFIX}{style.id}"
        # An engine that was brought up to date says it another way.
        self.key = f"{self.id}@{version}/{character.version}"
        self.name = f"{character.name}（{style.name}）"
        self.credit = f"VOICEVOX:{character.name}"

    def speak(self, text: str, prosody: Prosody, reading: Reading | None = None) -> Spoken:
        """Read a sentence, as `reading` says or as the engine does.

        Moras are timed by the engine, words by their moras.

        raises: EngineTrouble
        """
        self._prepare(self.style.id)
        try:
            query = shaped(self._query(text, reading), prosody)
            stress(query, _stressed_moras(text, reckon(query).moras, prosody.emphases))
            reckoning = reckon(query)
            if reckoning.duration_s > MAX_DURATION_S:
                raise EngineTrouble("failing", "would speak for minutes")
            wave = self._engine.synthesise(query, self.style.id, reckoning.duration_s)
            return _louder(_timed(text, wave, reckoning), prosody, len(text))
        except EngineTrouble as trouble:
            self._report(trouble)
            raise

    def _query(self, text: str, reading: Reading | None) -> AudioQuery:
        query = self._engine.query(text, self.style.id)
        if reading is not None:
            query.accent_phrases = self._engine.read_as(reading.voicevox_line, self.style.id)
        return query


def shaped(query: AudioQuery, prosody: Prosody) -> AudioQuery:
    """Return the query as it is to be said.

    The pitch goes into the moras, where it is exact: `pitchScale` multiplies a logarithm, and so
    widens the intonation too. The volume stays: every sentence is brought to the same loudness.
    """
    shaped = query.model_copy(deep=True)
    for phrase in shaped.accent_phrases:
        for mora in phrase.moras:
            mora.pitch = _shifted(mora, prosody.pitch)
    shaped.speedScale, shaped.pitchScale = prosody.speed, 0.0
    shaped.intonationScale, shaped.volumeScale = prosody.intonation, 1.0
    shaped.prePhonemeLength = shaped.postPhonemeLength = _EDGE_S
    shaped.outputStereo = False
    return shaped


def _shifted(mora: Mora, semitones: float) -> float:
    # 0 stands for "no voice", and has to stay.
    return mora.pitch + semitones * _SEMITONE if mora.pitch > 0 else mora.pitch


def _stressed_moras(
    text: str, moras: Sequence[MoraSpan], emphases: Sequence[Span]
) -> frozenset[int]:
    """Return which of the moras that are heard belong to stressed words."""
    if not emphases:
        return frozenset()
    stretches = stressed_stretches(word_marks(text, moras), emphases, len(text))
    return frozenset(
        index
        for index, mora in enumerate(moras)
        if any(start_s <= (mora.start_s + mora.end_s) / 2 < end_s for start_s, end_s in stretches)
    )


def stress(query: AudioQuery, stressed: Collection[int]) -> None:
    """Make moras of the query longer and higher; a query has no loudness of a single one."""
    at = 0
    for phrase in query.accent_phrases:
        for mora in phrase.moras:
            if at in stressed:
                mora.pitch = _shifted(mora, HIGHER_SEMITONES)
                mora.vowel_length *= SLOWER
                if mora.consonant_length is not None:
                    mora.consonant_length *= SLOWER
            at += 1
        at += rises(phrase)  # that one is heard, and not in the query


def _louder(spoken: Spoken, prosody: Prosody, length: int) -> Spoken:
    wave = spoken.wave
    for stretch in stressed_stretches(spoken.marks, prosody.emphases, length):
        wave = louder(wave, stretch)
    return Spoken(wave, spoken.marks, spoken.moras)


def _timed(text: str, wave: Waveform, reckoning: Reckoning) -> Spoken:
    factor = wave.duration_s / reckoning.duration_s
    if abs(factor - 1.0) > _MOST_CHANGE:
        raise EngineTrouble("failing", "gives a sound of another length")
    if abs(wave.duration_s - reckoning.duration_s) > _SAME_S:
        reckoning = reckoning.scaled(factor)
    return Spoken(wave, word_marks(text, reckoning.moras), reckoning.moras)
