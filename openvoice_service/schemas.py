"""What the speech service takes and gives. The speech request is OpenAI's, with extras of ours."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

AudioFormat = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
MAX_INPUT_CHARACTERS = 4_096
MAX_TIMED_CHARACTERS = 5_000
# The name of a folder: a message's or an account's id.
KeptFor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]


class VoiceReference(BaseModel):
    """OpenAI's other way to name a voice."""

    id: str = Field(max_length=80)


class SentenceReading(BaseModel):
    """How a sentence is read: the sentence as it stands in `input`, and its line of kana."""

    text: str = Field(max_length=1_000)
    kana: str = Field(
        max_length=2_000, description="katakana with ' / 、 _ ？: `ショ'ージサンガ/キタ'`"
    )


class SentenceDelivery(BaseModel):
    """How a sentence is said: factors of the usual way, and the pause after it in seconds.

    voice: whose it is; null is the request's
    base_voice: who reads it before it gets the tone of that voice, as in the request
    """

    text: str = Field(max_length=1_000, description="the sentence as it stands in `input`")
    speed: float = Field(1.0, ge=0.5, le=2.0)
    pitch: float = Field(0.0, ge=-6.0, le=6.0, description="semitones")
    intonation: float = Field(
        1.0, ge=0.0, le=2.0, description="where the voice has `controls` of it"
    )
    volume: float = Field(1.0, ge=0.0, le=2.0)
    pause_after_s: float | None = Field(None, ge=0.0, le=5.0, description="null: the usual one")
    voice: str | None = Field(None, min_length=1, max_length=80, description="null: the request's")
    base_voice: str | None = Field(None, min_length=1, max_length=80)


class PronouncedWord(BaseModel):
    """How a word is read wherever it stands; without ' it is flat."""

    # A comma would end the field of the dictionary's line in which it stands.
    surface: str = Field(min_length=1, max_length=40, pattern=r"^[^\s,、。]+$")
    kana: str = Field(max_length=200, description="`ショ'ージ`")


Readings = Annotated[list[SentenceReading], Field(max_length=1_000)]
Deliveries = Annotated[list[SentenceDelivery], Field(max_length=1_000)]
Words = Annotated[list[PronouncedWord], Field(max_length=1_000)]


class CommonSpeech(BaseModel):
    """Sentences that many texts have in common: those of `text` are kept for somebody else.

    They are spoken once for all of the texts, and forgotten with what they are kept for.
    """

    kept_for: KeptFor
    text: str = Field(max_length=MAX_TIMED_CHARACTERS, description="a template; it is not spoken")


class SpeechRequest(BaseModel):
    """Text to speak, and how."""

    model_config = ConfigDict(extra="ignore")

    input: str
    model: str = "openvoice"
    voice: str | VoiceReference | None = None
    response_format: AudioFormat = "mp3"
    speed: float = Field(1.0, ge=0.25, le=4.0)
    stream_format: Literal["audio", "sse"] = "audio"
    language: str | None = Field(None, max_length=16)
    pitch: float = Field(0.0, ge=-12.0, le=12.0, description="semitones")
    intonation: float = Field(
        1.0, ge=0.0, le=2.0, description="of voices that have it among their `controls`"
    )
    volume: float = Field(1.0, ge=0.0, le=2.0)
    pause: float = Field(1.0, ge=0.0, le=5.0, description="factor of the pause between sentences")
    readings: Readings = Field(
        default_factory=list, description="of Japanese sentences; the others are read as usual"
    )
    words: Words = Field(default_factory=list, description="of Japanese, as names are said")
    deliveries: Deliveries = Field(
        default_factory=list, description="of sentences; on top of what holds for all of them"
    )
    markup: bool = Field(
        False, description="whether `*words*` are stressed and `[0.8]` is a silence, in seconds"
    )
    base_voice: str | None = Field(None, max_length=80)
    engine: str | None = Field(None, max_length=40)
    stand_in: bool = Field(
        False,
        description="of timed speech: whether Open JTalk speaks where VOICEVOX does not; "
        "`base_voice` of the answer says who did",
    )
    kept_for: KeptFor | None = Field(
        None, description="what the cached sentences belong to (a message, an account)"
    )
    common: CommonSpeech | None = Field(
        None, description="sentences that are kept for more texts than this one"
    )
    priority: Literal["interactive", "bulk"] = Field(
        "interactive", description="bulk lets everybody who waits for an answer go first"
    )
    seed: int | None = Field(None, description="accepted; speech is the same every time anyway")

    @property
    def voice_id(self) -> str | None:
        """The voice's id, however it was given."""
        return self.voice.id if isinstance(self.voice, VoiceReference) else self.voice


class WordBody(BaseModel):
    """A piece of the original text and when it is heard."""

    text: str
    start_s: float
    end_s: float


class SentenceBody(BaseModel):
    """A sentence of the original text, the span of its speech, its words, and who says them.

    stood_in: whether Open JTalk reads it for somebody of VOICEVOX
    is_common: whether it stands in the text of `common` too
    """

    index: int
    text: str
    start_s: float
    end_s: float
    cache_hit: bool
    cache_key: str
    reading: str | None
    words: list[WordBody]
    moras: list[WordBody] = Field(
        default_factory=list, description="in katakana, where the base voice knows them"
    )
    voice: str
    base_voice: str
    stood_in: bool = False
    is_common: bool = False


class TimedSpeech(BaseModel):
    """Speech with its times; `audio` is base64. `credit` names all who ask for one."""

    audio: str
    format: AudioFormat
    sample_rate_hz: int
    duration_s: float
    engine: str | None
    base_voice: str
    voice: str
    language: str
    credit: str | None
    sentences: list[SentenceBody]


class ReadingsRequest(BaseModel):
    """A script whose sentences and readings are asked for, and what is wished for already."""

    input: str = Field(max_length=MAX_TIMED_CHARACTERS)
    language: str = Field("ja", max_length=16)
    readings: Readings = Field(default_factory=list)
    words: Words = Field(default_factory=list)
    markup: bool = Field(False, description="as in a request for speech")


class SentencePart(BaseModel):
    """A stretch of a sentence's text, stressed or not, or a silence between two."""

    text: str
    is_stressed: bool = False
    pause_s: float | None = None


class SuggestedReading(BaseModel):
    """A sentence, how it is read by itself, and the wish for it.

    text:  as it stands in `input`, its signs included; `parts` are what is said
    suggested, wished: null where nothing sounds, and in other languages than Japanese
    """

    index: int
    text: str
    parts: list[SentencePart]
    suggested: str | None
    wished: str | None


class SuggestedReadings(BaseModel):
    """The sentences of a script in order."""

    sentences: list[SuggestedReading]


class ForgetRequest(BaseModel):
    """Cached sentences to delete."""

    kept_for: list[KeptFor] = Field(
        default_factory=list,
        max_length=1_000,
        description="messages and accounts of which nothing is to be kept, in whatever voice",
    )
    voice: str | None = Field(None, max_length=80)
    cache_keys: list[str] = Field(default_factory=list, max_length=2_000)


class CharacterBody(BaseModel):
    """The VOICEVOX character whose voice it is, in one of its styles."""

    id: str
    name: str
    style: str


class VoiceBody(BaseModel):
    """A base voice or a profile.

    ready:  whether it speaks now; the list says what keeps VOICEVOX from it
    controls: what of a sentence's delivery it follows; empty for a profile, whose base voice counts
    terms:  of a VOICEVOX character, in Markdown, with the number of samples there are to hear;
            only where this one voice was asked for
    """

    id: str
    kind: Literal["base", "profile"]
    name: str
    languages: list[str]
    language: str | None = None
    engine: str | None = None
    credit: str | None = None
    accents: bool = False
    controls: list[str] = Field(default_factory=list)
    ready: bool = True
    character: CharacterBody | None = None
    terms: str | None = None
    samples: int | None = None
    created_at: str | None = None
    consent: dict[str, Any] | None = None
    report: dict[str, Any] | None = None


class VoicevoxBody(BaseModel):
    """How the VOICEVOX engine is; `reason` says why nobody of it speaks."""

    state: Literal["off", "starting", "ready", "slow", "failing", "down"]
    reason: str | None = None
    version: str | None = None


class VoiceList(BaseModel):
    """Every voice of this service."""

    items: list[VoiceBody]
    voicevox: VoicevoxBody


class Readiness(BaseModel):
    """Whether it can speak at once, and with what."""

    ready: bool
    engine: str
    device: str
    loaded: bool
    interruption_at: datetime | None = Field(
        None, description="when the cloud takes this machine back, where it said so"
    )


class Health(BaseModel):
    """Alive; by `lease_renewals` since the start the watchdog sees whether a backend wants it."""

    ok: bool = True
    lease_renewals: int


class LeaseRequest(BaseModel):
    """Who wants the lane."""

    holder: str = Field(min_length=1, max_length=80)


class LeaseBody(BaseModel):
    """The lane's lease: who renewed it last, how often it was renewed, and what is going on."""

    holder: str | None
    renewals: int
    age_s: float | None
    at_work: int


class EngineBody(BaseModel):
    """An engine; `reason` says why it is not ready."""

    name: str
    ready: bool
    device: str | None = None
    precision: str | None = None
    default: bool = False
    reason: str | None = None


class LanguageBody(BaseModel):
    """A language and the base voices that read it, the default first."""

    code: str
    base_voices: list[str]


class NeuralBaseBody(BaseModel):
    """Whether neural base voices read; `reason` says why the simple ones do."""

    ready: bool
    reason: str | None = None


class Capabilities(BaseModel):
    """What this service can do."""

    engines: list[EngineBody]
    languages: list[LanguageBody]
    neural_base: NeuralBaseBody
    voicevox: VoicevoxBody
    formats: list[str]
    limits: dict[str, float]
    warnings: list[str]
