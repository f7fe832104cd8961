"""Profiles and base voices as the wire shows them, and what is done with a recording."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

from openvoice_service.audio import AudioLimits, AudioUnreadable, Waveform, read_audio
from openvoice_service.base_voices import BaseVoice, BaseVoices
from openvoice_service.base_voices.voicevox import EngineTrouble, Picture, Voicevox, VoicevoxVoice
from openvoice_service.cache import SpeechCache
from openvoice_service.device import Turn
from openvoice_service.engines import Engine
from openvoice_service.problems import Problem, invalid, not_found, voicevox_unavailable
from openvoice_service.profiles import (
    Profile,
    ProfileNotFound,
    ProfileStore,
    SampleRejected,
    split_windows,
)
from openvoice_service.schemas import CharacterBody, VoiceBody, VoiceList, VoicevoxBody
from openvoice_service.text import known_language

MAX_REFERENCE_S = 600
MAX_REFERENCE_BYTES = 100 * 1024 * 1024
MAX_FILES = 10
_LIMITS = AudioLimits(max_bytes=MAX_REFERENCE_BYTES, max_duration_s=MAX_REFERENCE_S)


class VoiceKeeper:
    """Makes, lists and deletes voices."""

    def __init__(
        self,
        profiles: ProfileStore,
        engine: Engine,
        base_voices: BaseVoices,
        cache: SpeechCache,
    ) -> None:
        self._profiles = profiles
        self._engine = engine
        self._base_voices = base_voices
        self._cache = cache

    def list(self) -> VoiceList:
        """Return base voices first, then profiles, and how VOICEVOX is."""
        voicevox = self._base_voices.voicevox
        base = [_base_body(voice, voicevox) for voice in self._base_voices]
        profiles = [_profile_body(profile) for profile in self._profiles.list()]
        return VoiceList(items=base + profiles, voicevox=voicevox_body(voicevox))

    def get(self, voice_id: str) -> VoiceBody:
        """Return one voice; a VOICEVOX character comes with its terms. Raises Problem 404."""
        voicevox = self._base_voices.voicevox
        base = self._base_voices.get(voice_id)
        if isinstance(base, VoicevoxVoice):
            voicevox.warm_up(base)  # whoever reads its terms is about to hear it
            with _voicevox_answers(voicevox):
                terms = voicevox.terms(base)
            body = _base_body(base, voicevox)
            return body.model_copy(update={"terms": terms.text, "samples": terms.samples})
        if base is not None:
            return _base_body(base, voicevox)
        if voicevox.may_have(voice_id):
            raise voicevox_unavailable(voicevox.reason or "")
        try:
            return _profile_body(self._profiles.get(voice_id))
        except ProfileNotFound as error:
            raise not_found("voice") from error

    def picture(self, voice_id: str, *, is_portrait: bool) -> Picture:
        """Return a VOICEVOX character's portrait or icon. Raises Problem 404, 503."""
        voicevox, voice = self._base_voices.voicevox, self._character(voice_id)
        with _voicevox_answers(voicevox):
            return voicevox.portrait(voice) if is_portrait else voicevox.icon(voice)

    def voice_sample(self, voice_id: str, index: int) -> Waveform:
        """Return what a VOICEVOX character brings to be heard. Raises Problem 404, 503."""
        voicevox, voice = self._base_voices.voicevox, self._character(voice_id)
        with _voicevox_answers(voicevox):
            wave = voicevox.sample(voice, index)
        if wave is None:
            raise not_found("sample")
        return wave

    def _character(self, voice_id: str) -> VoicevoxVoice:
        voicevox = self._base_voices.voicevox
        voice = voicevox.get(voice_id)
        if voice is not None:
            return voice
        if voicevox.may_have(voice_id):
            raise voicevox_unavailable(voicevox.reason or "")
        raise not_found("voice")

    def create(
        self,
        files: Sequence[BinaryIO],
        name: str,
        language: str,
        consent: str,
        voice_id: str | None,
    ) -> VoiceBody:
        """Make a profile; the same id again replaces it. Raises Problem naming what to mend."""
        _require_form(name, consent, files)
        spoken = known_language(language)
        references = [_read(file, "files") for file in files]
        try:
            profile = self._profiles.create(
                references,
                self._engine,
                name=name,
                language=spoken,
                consent=consent,
                voice_id=voice_id,
            )
        except SampleRejected as refusal:
            raise invalid("files", refusal.code, refusal.message, refusal.fix) from refusal
        except ValueError as error:
            fix = "Leave it out, or send voc_ and 26 characters of Crockford base32."
            raise invalid("id", "id_invalid", "This is no voice id.", fix) from error
        return _profile_body(profile)

    def delete(self, voice_id: str) -> None:
        """Delete a profile with its speech. Raises Problem 404."""
        self._cache.forget_voice(voice_id)
        try:
            self._profiles.delete(voice_id)
        except ProfileNotFound as error:
            raise not_found("voice") from error

    def forget(
        self, voice: str | None, cache_keys: Sequence[str], kept_for: Collection[str] = ()
    ) -> None:
        """Delete cached sentences: all that is kept for some messages, or some of a voice.

        Base voices keep theirs under their own ids.
        """
        if kept_for:
            self._cache.forget_all_for(kept_for)
        folders = [voice] if voice else []
        folders += [base.id for base in self._base_voices]
        for folder in folders:
            self._cache.forget(folder, cache_keys)

    def convert(self, file: BinaryIO, voice_id: str, turn: Turn) -> Waveform:
        """Return a recording in a profile's tone. Raises Problem, Abandoned."""
        recording = _read(file, "file")
        try:
            target = self._profiles.tone(voice_id, self._engine)
        except ProfileNotFound as error:
            fix = "Choose a profile of GET /v1/voices."
            raise invalid("voice", "voice_unknown", "There is no such voice.", fix) from error
        try:
            source = self._engine.embed(split_windows([recording]))
        except ValueError as error:
            raise invalid(
                "file",
                "sample_too_short",
                "Too little of the recording is voice.",
                "Send at least a second of speech.",
            ) from error
        return self._engine.convert_tone(recording, source, target, turn)


def _require_form(name: str, consent: str, files: Sequence[BinaryIO]) -> None:
    if not name.strip():
        raise invalid("name", "name_missing", "The voice has no name.", "Send a name.")
    if not consent.strip():
        raise invalid(
            "consent",
            "consent_missing",
            "A voice is cloned only with the speaker's consent.",
            "Send the text that the speaker agreed to.",
        )
    if not 1 <= len(files) <= MAX_FILES:
        fix = f"Send 1 to {MAX_FILES} recordings."
        raise invalid("files", "sample_missing", "There is no recording, or too many.", fix)


def _read(file: BinaryIO, field: str) -> Waveform:
    try:
        return read_audio(file, _LIMITS)
    except AudioUnreadable as refusal:
        raise _unreadable(field, refusal) from refusal


def _unreadable(field: str, refusal: AudioUnreadable) -> Problem:
    return invalid(field, refusal.code, refusal.message, refusal.fix)


@contextmanager
def _voicevox_answers(voicevox: Voicevox) -> Iterator[None]:
    try:
        yield
    except EngineTrouble as trouble:
        raise voicevox_unavailable(voicevox.reason or f"{trouble}.") from trouble


def voicevox_body(voicevox: Voicevox) -> VoicevoxBody:
    """Return how the VOICEVOX engine is."""
    return VoicevoxBody(state=voicevox.state, reason=voicevox.reason, version=voicevox.version)


def _base_body(voice: BaseVoice, voicevox: Voicevox) -> VoiceBody:
    body = VoiceBody(
        id=voice.id,
        kind="base",
        name=voice.name,
        languages=[*voice.languages],
        credit=voice.credit,
        accents=voice.has_accents,
        controls=[*voice.controls],
    )
    if isinstance(voice, VoicevoxVoice):
        body.ready = voicevox.state == "ready"
        body.character = CharacterBody(
            id=voice.character.speaker_uuid, name=voice.character.name, style=voice.style.name
        )
    return body


def _profile_body(profile: Profile) -> VoiceBody:
    return VoiceBody(
        id=profile.id,
        kind="profile",
        name=profile.name,
        languages=[profile.language],
        language=profile.language,
        engine=profile.engine,
        created_at=profile.created_at.isoformat(),
        consent=profile.consent.model_dump(mode="json"),
        report=profile.report.model_dump(mode="json"),
    )
