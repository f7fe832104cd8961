"""A timed answer is believed when its audio and its times belong together."""

import base64
import binascii
import io
import wave
from collections.abc import Sequence

from backend.speech.errors import nonsense
from backend.speech.spoken import SpokenScript, SpokenSentence, TimedSpeech

# The service rounds its times to whole samples of its own rate; a claim farther off is nonsense.
TIME_SLACK_S = 0.05


class TimedAnswer(SpokenScript):
    """A spoken script with its audio, in base64."""

    audio: str
    format: str


def believe_timed(answer: TimedAnswer) -> TimedSpeech:
    """Check that audio and times belong together; raise SpeechUnavailable where they don't."""
    if answer.format != "wav":
        raise nonsense("it answered in another audio format")
    try:
        wav = base64.b64decode(answer.audio, validate=True)
    except (binascii.Error, ValueError) as error:
        raise nonsense("its audio is not base64") from error
    audio_s = _wav_duration_s(wav, answer.sample_rate_hz)
    if abs(audio_s - answer.duration_s) > TIME_SLACK_S:
        raise nonsense("its audio is not as long as it says")
    _check_times(answer.sentences, audio_s)
    fields = answer.model_dump(exclude={"audio", "format"})
    return TimedSpeech(SpokenScript.model_validate(fields), wav)


def _wav_duration_s(wav: bytes, sample_rate_hz: int) -> float:
    try:
        with wave.open(io.BytesIO(wav)) as sound:
            shape = (sound.getnchannels(), sound.getsampwidth(), sound.getframerate())
            declared = sound.getnframes()
            frames = sound.readframes(declared)
    except (wave.Error, EOFError, ValueError) as error:
        raise nonsense("its audio is not a WAV file") from error
    if shape != (1, 2, sample_rate_hz):
        raise nonsense("its audio is not 16-bit mono at the rate it says")
    if len(frames) != 2 * declared:
        raise nonsense("its audio is shorter than its header says")
    if not frames.strip(b"\0"):
        raise nonsense("its audio is silent")
    return float(declared / sample_rate_hz)


def _check_times(sentences: Sequence[SpokenSentence], audio_s: float) -> None:
    latest_s = 0.0
    for number, sentence in enumerate(sentences):
        in_order = latest_s - TIME_SLACK_S <= sentence.start_s < sentence.end_s
        if sentence.index != number or not in_order or sentence.end_s > audio_s + TIME_SLACK_S:
            raise nonsense("a sentence lies outside its audio")
        for word in sentence.words:
            if not (
                sentence.start_s - TIME_SLACK_S
                <= word.start_s
                <= word.end_s
                <= sentence.end_s + TIME_SLACK_S
            ):
                raise nonsense("a word lies outside its sentence")
        latest_s = sentence.end_s
