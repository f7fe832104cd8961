"""`/api/v1/system`, `/healthz`, `/readyz`: how the app is."""

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from backend.dependencies import CollaboratorsDep, signed_in
from backend.media import sandbox_report
from backend.migrations import is_current
from backend.problems import Problem, Unavailable
from backend.settings import Settings
from backend.speech.status import SpeechCapabilities, SpeechEngine, SpeechLanguage, SpeechNeuralBase
from backend.transactions import OneThreadRoute
from backend.version import VERSION

router = APIRouter(tags=["system"], route_class=OneThreadRoute)
health_router = APIRouter(tags=["system"])


class SpeechStatus(BaseModel):
    """Who speaks now, and which engines there are."""

    ready: bool
    engine: str | None
    engines: list[SpeechEngine]
    neural_base: SpeechNeuralBase
    warnings: list[str]


class OpeningHours(BaseModel):
    """When this server is on, Monday to Friday: outside of it nobody can watch.

    opens_h, closes_h: hours of `zone`; the same as the schedule's (infra/schedule_lambda/decide.py)
    """

    opens_h: int
    closes_h: int
    zone: str
    skips_holidays: bool


class SystemStatus(BaseModel):
    """What the pages need to know of this installation."""

    version: str
    public_url: str
    is_loopback: bool
    sends_mail: bool
    speech: SpeechStatus
    sandbox: dict[str, Any]
    languages: list[SpeechLanguage]
    opening_hours: OpeningHours | None


class Health(BaseModel):
    """Alive, or ready."""

    ok: bool


@router.get("/system/status", dependencies=[Depends(signed_in)])
def get_system_status(app: CollaboratorsDep) -> SystemStatus:
    """Return what speaks, in which languages, and what keeps untrusted files in."""
    settings = app.settings
    readiness = app.speech.readiness()
    try:
        found = app.speech.capabilities()
    except Problem:
        found = SpeechCapabilities()
        readiness = readiness.model_copy(update={"ready": False})
    return SystemStatus(
        version=VERSION,
        public_url=settings.public_url,
        is_loopback=settings.is_loopback,
        sends_mail=settings.mail_transport != "none",
        speech=SpeechStatus(
            ready=readiness.ready,
            engine=readiness.engine,
            engines=list(found.engines),
            neural_base=found.neural_base,
            warnings=list(found.warnings),
        ),
        sandbox=sandbox_report().model_dump(),
        languages=list(found.languages),
        opening_hours=_opening_hours(settings),
    )


def _opening_hours(settings: Settings) -> OpeningHours | None:
    if settings.app_hours == "always":
        return None
    return OpeningHours(
        opens_h=9, closes_h=19, zone="Asia/Tokyo", skips_holidays=settings.skip_holidays
    )


@health_router.get("/healthz")
def get_health() -> Health:
    """Say that the process is alive."""
    return Health(ok=True)


@health_router.get("/readyz")
def get_readiness(app: CollaboratorsDep) -> Health:
    """Say whether requests can be answered: the database is there and migrated."""
    try:
        with app.readers() as session:
            migrated = is_current(session)
    except SQLAlchemyError as error:
        raise Unavailable("The database does not answer, or it has no tables yet.") from error
    if not migrated:
        raise Unavailable(
            "The database belongs to another release: run `python -m backend migrate`."
        )
    return Health(ok=True)
