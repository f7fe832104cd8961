"""`/v1`: the speech service's API for programs, by API key. OpenAI's clients work unchanged."""

from fastapi import APIRouter

from backend.api_keys.access import SpeechKeyDep, VoicesKeyDep
from backend.dependencies import CollaboratorsDep
from backend.problems import PROBLEM_RESPONSES
from backend.speech_api.schemas import (
    Model,
    ModelList,
    SpeakableVoices,
    base_voice_body,
    own_voice_body,
)
from backend.voices import service as voices

router = APIRouter(prefix="/v1", tags=["speech"], responses=PROBLEM_RESPONSES)


@router.get("/voices")
def list_speakable_voices(holder: VoicesKeyDep, app: CollaboratorsDep) -> SpeakableVoices:
    """Return the voices of the product and the holder's own."""
    base = [base_voice_body(voice) for voice in app.speech.base_voices()]
    with app.readers() as session:
        own = [own_voice_body(voice) for voice in voices.all_voices(session, holder.account_id)]
    return SpeakableVoices(items=base + own)


@router.get("/models")
def list_models(_holder: SpeechKeyDep) -> ModelList:
    """Return the one model there is: some clients ask before they speak."""
    return ModelList(data=[Model(id="openvoice")])
