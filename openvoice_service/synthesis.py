"""A script becomes speech: sentence by sentence, each spoken once and kept."""

import difflib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field, replace

import numpy as np

from openvoice_service.audio import (
    Waveform,
    loudness_lufs,
    normalise_loudness,
    resample,
    speech_bounds,
)
from openvoice_service.base_voices import BaseVoice, BaseVoices, Mark, Prosody, Spoken
from openvoice_service.base_voices.emphasis import stressed
from openvoice_service.base_voices.voicevox import PREFIX as VOICEVOX
from openvoice_service.cache import NOBODY, SpeechCache, SpokenSentence, Word, cache_key
from openvoice_service.device import DeviceWorker, Turn
from openvoice_service.engines import Engine, Tone
from openvoice_service.metrics import Metrics
from openvoice_service.pausing import Part, joined, parts_of
from openvoice_service.readings import Reading
from openvoice_service.stretching import stretch
from openvoice_service.text import Sentence
from openvoice_service.tones import BaseTones

SAMPLE_RATE_HZ = 24_000
SPEECH_LUFS = -20.0
# What is left around the speech of a kept sentence; the pauses between are added later.
EDGE_S = 0.02
PAUSE_S = 0.38
PARAGRAPH_TAIL_S = 0.08
NATIVE_SPEEDS = (0.5, 2.0)
MOST_INTONATION = 2.0


@dataclass(frozen=True)
class Teller:
    """Who says something.

    voice:  id under which the speech is kept
    target: the profile's tone, None for the base voice as it is
    wished: the base voice that was asked for by its id, if any
    """

    voice: str
    base: BaseVoice
    target: Tone | None
    wished: str | None = None

    def read_by(self, base: BaseVoice) -> "Teller":
        """Return the same voice with somebody else to read."""
        return replace(self, base=base, voice=self.voice if self.target is not None else base.id)

    @property
    def is_of_voicevox(self) -> bool:
        """Return whether a character reads."""
        return self.base.id.startswith(VOICEVOX)

    @property
    def is_stood_in_for(self) -> bool:
        """Return whether somebody else reads for a character."""
        return (self.wished or "").startswith(VOICEVOX) and not self.is_of_voicevox


@dataclass(frozen=True)
class Order:
    """How to say something.

    teller: who says it; others: who says the sentences that ask for it, by `Delivery.said_by`
    kept_for: the message or account it is kept for
    common: the sentences, as they stand in the script, that are kept for `common_for` instead
    pause:  factor of the usual pause between sentences; volume: factor of amplitude
    turn:   the request's claim on the device, which a client that hangs up abandons
    """

    teller: Teller
    prosody: Prosody
    pause: float = 1.0
    volume: float = 1.0
    kept_for: str = NOBODY
    turn: Turn | None = None
    others: Mapping[tuple[str | None, str | None], Teller] = field(default_factory=dict)
    common_for: str = NOBODY
    common: frozenset[str] = frozenset()

    def is_common(self, sentence: Sentence) -> bool:
        """Return whether other texts have the sentence too."""
        return sentence.source in self.common

    def kept_for_of(self, sentence: Sentence) -> str:
        """Return what the sentence is kept for."""
        return self.common_for if self.is_common(sentence) else self.kept_for

    def teller_of(self, sentence: Sentence) -> Teller:
        """Return who says the sentence."""
        return self.others.get(sentence.delivery.said_by, self.teller)

    def read_for_voicevox_by(self, base: BaseVoice) -> "Order":
        """Return the order without any character: whoever stands in stands in for all."""
        others = {asked: _unless_of_voicevox(one, base) for asked, one in self.others.items()}
        return replace(self, teller=_unless_of_voicevox(self.teller, base), others=others)


def _unless_of_voicevox(teller: Teller, base: BaseVoice) -> Teller:
    return teller.read_by(base) if teller.is_of_voicevox else teller


@dataclass(frozen=True)
class TimedSentence:
    """A sentence of the whole: times in seconds of the whole."""

    text: str
    reading: Reading | None
    start_s: float
    end_s: float
    words: Sequence[Word]
    cache_key: str
    cache_hit: bool
    moras: Sequence[Word] = ()


@dataclass(frozen=True)
class Speech:
    """A script, spoken."""

    wave: Waveform
    sentences: Sequence[TimedSentence]


class Synthesiser:
    """Speaks with one engine; safe to call from many threads.

    Base voices read one sentence at a time, on a thread of their own: an interactive sentence goes
    before the bulk ones, and the network's device is kept busy meanwhile by what was read before.
    """

    def __init__(
        self,
        engine: Engine,
        base_voices: BaseVoices,
        base_tones: BaseTones,
        cache: SpeechCache,
        metrics: Metrics | None = None,
    ) -> None:
        self._engine = engine
        self._base_voices = base_voices
        self._base_tones = base_tones
        self._cache = cache
        self._metrics = metrics or Metrics()
        self._readers = DeviceWorker("base-voices")
        # An engine elsewhere that hangs must not hold up the voices that are here.
        self._remote_readers = DeviceWorker("voicevox")
        self._at_work: dict[str, threading.Lock] = {}
        self._at_work_lock = threading.Lock()

    @property
    def waiting(self) -> int:
        """Return how many pieces of work wait for the readers or the engine's device."""
        worker: DeviceWorker | None = getattr(self._engine, "worker", None)
        reading = self._readers.waiting + self._remote_readers.waiting
        return reading + (worker.waiting if worker is not None else 0)

    def close(self) -> None:
        """Drop what waits and end."""
        self._readers.close()
        self._remote_readers.close()

    def nearest_base(self, language: str, target: Tone) -> BaseVoice:
        """Return the base voice of `language` whose tone is nearest to the target's."""
        voices = self._base_voices.finest_of_language(language)
        return min(
            voices, key=lambda voice: self._engine.distance(self._base_tones.get(voice), target)
        )

    def speak(self, sentences: Sequence[Sentence], order: Order) -> Speech:
        """Return all sentences in one sound, with their times."""
        spoken = list(self.speak_each(sentences, order))
        return _joined(spoken, order)

    def stream(self, sentences: Sequence[Sentence], order: Order) -> Iterator[Waveform]:
        """Yield what `speak` would return, sentence by sentence, pauses included."""
        for index, (sentence, _, _, speech) in enumerate(self.speak_each(sentences, order)):
            samples = _heard(sentence, speech, order, is_last=index + 1 == len(sentences))
            yield Waveform(samples, SAMPLE_RATE_HZ)

    def speak_each(
        self, sentences: Sequence[Sentence], order: Order
    ) -> Iterator[tuple[Sentence, str, bool, SpokenSentence]]:
        """Yield each sentence as soon as it is spoken: (sentence, cache key, hit, speech)."""
        for sentence in sentences:
            if order.turn is not None:
                order.turn.check()
            key = self._key(sentence, order)
            hit, speech = self._speak_once(sentence, order, key)
            self._metrics.count_sentence(hit=hit)
            yield sentence, key, hit, speech

    def _speak_once(
        self, sentence: Sentence, order: Order, key: str
    ) -> tuple[bool, SpokenSentence]:
        voice, kept_for = order.teller_of(sentence).voice, order.kept_for_of(sentence)
        kept = self._cache.get(voice, key, kept_for)
        if kept is not None:
            return True, kept
        with self._lock_of(f"{kept_for} {key}"):
            # Somebody else may have said it while we waited.
            kept = self._cache.get(voice, key, kept_for)
            if kept is not None:
                return True, kept
            speech = self._speak_timed(sentence, order)
            return False, self._cache.put(voice, key, speech, kept_for)

    def _lock_of(self, key: str) -> threading.Lock:
        with self._at_work_lock:
            if len(self._at_work) > 1_000:
                self._at_work = {k: lock for k, lock in self._at_work.items() if lock.locked()}
            return self._at_work.setdefault(key, threading.Lock())

    def _key(self, sentence: Sentence, order: Order) -> str:
        teller = order.teller_of(sentence)
        target = teller.target.fingerprint() if teller.target is not None else None
        prosody = _prosody(sentence, order)
        reading = {"reading": sentence.reading.line} if sentence.reading is not None else {}
        # Only where something is marked: what was spoken before there were marks stays good.
        marks = {"emphases": sentence.emphases} if sentence.emphases else {}
        silences = {"breaks": [astuple(one) for one in sentence.breaks]} if sentence.breaks else {}
        return cache_key(
            reading
            | marks
            | silences
            | {
                "text": sentence.text,
                "spoken": sentence.spoken,
                "base": teller.base.key,
                "engine": f"{self._engine.name}/{self._engine.version}" if target else None,
                "target": target,
                "prosody": [prosody.speed, prosody.pitch, prosody.intonation],
            }
        )

    def _speak_timed(self, sentence: Sentence, order: Order) -> SpokenSentence:
        turn = order.turn or Turn()
        began_s, waited_s = time.perf_counter(), turn.waited_s
        speech = self._speak(sentence, order, turn)
        took_s = time.perf_counter() - began_s - (turn.waited_s - waited_s)
        self._metrics.observe_synthesis(took_s, speech.wave.duration_s)
        return speech

    def _speak(self, sentence: Sentence, order: Order, turn: Turn) -> SpokenSentence:
        parts = [(part, self._read(part, sentence, order, turn)) for part in parts_of(sentence)]
        silences_s = [one.length_s for one in sentence.breaks]
        spoken = joined(parts, silences_s) if silences_s else parts[0][1]
        return _trimmed(_levelled(spoken.wave), spoken, sentence)

    def _read(self, part: Part, sentence: Sentence, order: Order, turn: Turn) -> Spoken:
        teller = order.teller_of(sentence)
        readers = self._remote_readers if teller.is_of_voicevox else self._readers
        spoken = readers.run(turn, lambda: _at_speed(teller.base, part, _prosody(sentence, order)))
        wave = resample(spoken.wave, SAMPLE_RATE_HZ)
        if teller.target is not None:
            wave = resample(self._converted(wave, teller.base, teller.target, turn), SAMPLE_RATE_HZ)
        return Spoken(wave, spoken.marks, spoken.moras)

    def _converted(self, wave: Waveform, base: BaseVoice, target: Tone, turn: Turn) -> Waveform:
        source = self._base_tones.get(base)
        if getattr(self._engine, "worker", None) is None:  # it takes no turns by itself
            return self._readers.run(
                turn, lambda: self._engine.convert_tone(wave, source, target, turn)
            )
        return self._engine.convert_tone(wave, source, target, turn)


def _prosody(sentence: Sentence, order: Order) -> Prosody:
    """Return how the sentence is read: its own way on top of the whole script's."""
    whole, own = order.prosody, sentence.delivery
    intonation = min(whole.intonation * own.intonation, MOST_INTONATION)
    return Prosody(whole.speed * own.speed, whole.pitch + own.pitch, intonation)


def _at_speed(base: BaseVoice, part: Part, prosody: Prosody) -> Spoken:
    """Read at any speed: natively where that sounds right, the rest by stretching."""
    native = min(max(prosody.speed, NATIVE_SPEEDS[0]), NATIVE_SPEEDS[1])
    natively = Prosody(native, prosody.pitch, prosody.intonation, part.emphases)
    spoken = base.speak(part.spoken, natively, part.reading)
    if part.emphases and not base.stresses:
        spoken = stressed(spoken, part.emphases, len(part.spoken))
    rest = prosody.speed / native
    if rest == 1.0:
        return spoken
    marks = [Mark(m.position, m.start_s / rest, m.end_s / rest) for m in spoken.marks]
    moras = [mora.scaled(1 / rest) for mora in spoken.moras]
    return Spoken(stretch(spoken.wave, rest), marks, moras)


def _levelled(wave: Waveform) -> Waveform:
    return normalise_loudness(wave, SPEECH_LUFS) if loudness_lufs(wave) > -70 else wave


def _trimmed(wave: Waveform, spoken: Spoken, sentence: Sentence) -> SpokenSentence:
    start_s, end_s = speech_bounds(wave)
    if end_s <= start_s:  # nothing to hear: a sentence of symbols that a voice passes over
        start_s, end_s = 0.0, len(wave.samples) / wave.sample_rate_hz
    begin_s = max(start_s - EDGE_S, 0.0)
    kept = wave.between(begin_s, end_s + EDGE_S)
    speech = (start_s - begin_s, end_s - begin_s)
    shifted = [Mark(m.position, m.start_s - begin_s, m.end_s - begin_s) for m in spoken.marks]
    # A voice's first mora may begin in the silence that was cut away.
    moras = [
        Word(m.kana, max(m.start_s - begin_s, 0.0), max(m.end_s - begin_s, 0.0))
        for m in spoken.moras
    ]
    return SpokenSentence(kept, *speech, _words(sentence, shifted, speech), moras)


def _words(sentence: Sentence, marks: Sequence[Mark], speech: tuple[float, float]) -> list[Word]:
    """Return the original text cut where its words are heard to begin."""
    origin = _origins(sentence)
    words: list[Word] = []
    for index, mark in enumerate(marks):
        begin = 0 if index == 0 else origin[min(mark.position, len(origin) - 1)]
        last = index + 1 == len(marks)
        end = (
            len(sentence.text) if last else origin[min(marks[index + 1].position, len(origin) - 1)]
        )
        start_s, end_s = (min(max(t, speech[0]), speech[1]) for t in (mark.start_s, mark.end_s))
        if sentence.text[begin:end].strip():
            words.append(Word(sentence.text[begin:end].strip(), start_s, max(end_s, start_s)))
        elif words:
            words[-1] = Word(words[-1].text, words[-1].start_s, max(end_s, words[-1].start_s))
    return words


def _origins(sentence: Sentence) -> list[int]:
    """Return for each place in the spoken text where it stands in the original.

    What normalisation replaced maps to the beginning of what it replaced.
    """
    matcher = difflib.SequenceMatcher(None, sentence.spoken, sentence.text, autojunk=False)
    origin = [0] * (len(sentence.spoken) + 1)
    for tag, a_begin, a_end, b_begin, _ in matcher.get_opcodes():
        for position in range(a_begin, a_end):
            origin[position] = b_begin + (position - a_begin if tag == "equal" else 0)
    origin[-1] = len(sentence.text)
    return origin


def _joined(spoken: Sequence[tuple[Sentence, str, bool, SpokenSentence]], order: Order) -> Speech:
    pieces: list[np.ndarray[tuple[int], np.dtype[np.float32]]] = []
    sentences: list[TimedSentence] = []
    at = 0
    for index, (sentence, key, hit, speech) in enumerate(spoken):
        at_s = at / SAMPLE_RATE_HZ + sentence.silence_before_s
        sentences.append(_timed(sentence, speech, at_s, key, hit))
        pieces.append(_heard(sentence, speech, order, is_last=index + 1 == len(spoken)))
        at += len(pieces[-1])
    pieces.append(_silence(PARAGRAPH_TAIL_S))
    return Speech(Waveform(np.concatenate(pieces), SAMPLE_RATE_HZ), sentences)


def _heard(
    sentence: Sentence, speech: SpokenSentence, order: Order, *, is_last: bool
) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """Return the sentence at its volume, and the silences around it."""
    samples = _at_volume(speech.wave.samples, order.volume * sentence.delivery.volume)
    pause_s = sentence.silence_after_s
    if pause_s is not None and pause_s < 2 * EDGE_S:
        # The edges alone are longer than that; speech itself is never cut.
        spare_s = min(2 * EDGE_S - pause_s, EDGE_S)
        samples = samples[: len(samples) - round(spare_s * SAMPLE_RATE_HZ)]
    pause_s = sentence.delivery.pause_after_s if pause_s is None else pause_s
    if pause_s is not None:  # counted from speech to speech, though its edges are silent already
        pause_s = max(pause_s - 2 * EDGE_S, 0.0)
    else:
        pause_s = 0.0 if is_last else PAUSE_S * order.pause
    before = _silence(sentence.silence_before_s)
    return np.concatenate([before, samples, _silence(pause_s)])


def _silence(length_s: float) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    return np.zeros(round(length_s * SAMPLE_RATE_HZ), np.float32)


def _at_volume(
    samples: "np.ndarray[tuple[int], np.dtype[np.float32]]", volume: float
) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    return samples if volume == 1.0 else np.clip(samples * volume, -1.0, 1.0).astype(np.float32)


def _timed(
    sentence: Sentence, speech: SpokenSentence, at_s: float, key: str, hit: bool
) -> TimedSentence:
    words, moras = (
        [Word(w.text, w.start_s + at_s, w.end_s + at_s) for w in known]
        for known in (speech.words, speech.moras)
    )
    span = (speech.start_s + at_s, speech.end_s + at_s)
    return TimedSentence(sentence.text, sentence.reading, *span, words, key, hit, moras)
