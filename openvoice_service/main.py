"""The one place where the speech service is put together. It never imports torch."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio.to_thread
import fastapi_offline
from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from openvoice_service.base_voices import BaseVoices
from openvoice_service.cache import SpeechCache
from openvoice_service.device import Admission
from openvoice_service.engines import (
    Engine,
    EngineUnavailable,
    choose_engine_name,
    create_engine,
)
from openvoice_service.lane import NOTICE_POLL_S, Lease, SpotNotice
from openvoice_service.logs import RequestLog
from openvoice_service.metrics import Metrics
from openvoice_service.problems import install_problem_handlers
from openvoice_service.profiles import ProfileStore
from openvoice_service.residency import Residency
from openvoice_service.routes import health_router, router
from openvoice_service.settings import SpeechSettings
from openvoice_service.speaking import Speaker, lacking_engines, probe
from openvoice_service.synthesis import Synthesiser
from openvoice_service.tones import BaseTones
from openvoice_service.voices import MAX_FILES, MAX_REFERENCE_BYTES, VoiceKeeper

logger = logging.getLogger(__name__)
# After a look that found somebody at work, or a service that has been idle since.
_LEAST_IDLE_LOOK_S = 1.0


def create_app(settings: SpeechSettings, engine: Engine | None = None) -> FastAPI:
    """Return the application; `engine` stands in for the configured one in tests."""
    app = FastAPI(
        title="Video Message speech",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        max_body_size=MAX_FILES * MAX_REFERENCE_BYTES // 4,
    )
    app.state.settings = settings
    chosen, lacking = (engine, {}) if engine is not None else _choose_engine(settings)
    _put_together(app, settings, chosen, lacking)
    install_problem_handlers(app)
    app.include_router(router)
    app.include_router(health_router)
    _serve_docs(app)
    app.add_middleware(RequestLog, metrics=app.state.metrics)
    return app


def _choose_engine(settings: SpeechSettings) -> tuple[Engine, dict[str, str]]:
    """Return the engine and, where `auto` could not have `openvoice`, the reason under its name."""
    if settings.speech_engine != "auto":
        return _create_engine(settings, settings.speech_engine), {}
    name, reason = choose_engine_name(settings.models_folder)
    if name == "openvoice":
        try:
            return _create_engine(settings, name), {}
        except EngineUnavailable as refusal:
            reason = str(refusal)
    logger.warning("speaking with the world engine: %s", reason)
    return create_engine("world"), {"openvoice": reason or ""}


def _create_engine(settings: SpeechSettings, name: str) -> Engine:
    return create_engine(
        name,
        settings.models_folder,
        settings.speech_device,
        settings.speech_precision,
        allow_unverified=settings.speech_allow_unverified,
    )


def _put_together(
    app: FastAPI, settings: SpeechSettings, engine: Engine, lacking: dict[str, str]
) -> None:
    root = settings.shared_folder
    metrics = Metrics()
    base_voices = BaseVoices(
        settings.models_folder, settings.speech_neural_base, settings.voicevox_url
    )
    if base_voices.neural_reason is not None:
        logger.info("reading with simple base voices: %s", base_voices.neural_reason)
    cache = SpeechCache(root / "generated", settings.speech_cache_bytes)
    profiles = ProfileStore(root)
    base_tones = BaseTones(engine, root / "base_tones")
    synthesiser = Synthesiser(engine, base_voices, base_tones, cache, metrics)
    lacking = lacking_engines(engine, settings.models_folder) | lacking
    speaker = Speaker(engine, base_voices, profiles, synthesiser, lacking)
    app.state.metrics = metrics
    app.state.base_voices = base_voices
    app.state.base_tones = base_tones
    app.state.synthesiser = synthesiser
    app.state.speaker = speaker
    app.state.keeper = VoiceKeeper(profiles, engine, base_voices, cache)
    _open_the_door(app, settings, engine)
    _show_figures(app, engine)


def _open_the_door(app: FastAPI, settings: SpeechSettings, engine: Engine) -> None:
    """Say how many may be inside, on which threads, and with the engine in memory."""
    state = app.state
    state.admission = Admission(settings.speech_queue)
    state.threads = anyio.CapacityLimiter(settings.speech_queue)
    state.probe_thread = anyio.CapacityLimiter(1)
    state.residency = Residency(
        engine,
        lambda: probe(state.speaker, state.base_tones),
        state.admission,
        settings.speech_idle_unload_s,
    )
    state.lease = Lease()
    url = settings.spot_metadata_url
    state.spot_notice = SpotNotice(url) if url else None


def _show_figures(app: FastAPI, engine: Engine) -> None:
    state = app.state
    precision = getattr(engine, "precision", "fp32")
    state.metrics.name_engine(engine.name, engine.version, engine.device, precision)
    state.metrics.watch(
        {
            "speech_queue_length": ("Requests at work or waiting", lambda: state.admission.inside),
            "speech_device_waiting": (
                "Pieces of work that wait for a device", lambda: state.synthesiser.waiting,
            ),
            "speech_engine_loaded": (
                "Whether the engine is in memory", lambda: state.residency.is_loaded,
            ),
            "speech_device_memory_bytes": (
                "Memory that the engine holds on a device of its own; 0 on the CPU",
                lambda: getattr(engine, "device_memory_bytes", 0),
            ),
            "speech_batch_size": (
                "Pieces that the engine computes at once", lambda: getattr(engine, "batch_size", 1),
            ),
        }
    )  # fmt: skip


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Learnt beforehand where it costs nobody's time: the first message shall not wait for it.
    threading.Thread(target=_learn_base_tones, args=(app,), name="base-tones", daemon=True).start()
    chores = [
        asyncio.create_task(chore(app)) for chore in (_unload_when_idle, _look_for_interruption)
    ]
    yield
    for chore in chores:
        chore.cancel()
    if app.state.spot_notice is not None:
        app.state.spot_notice.close()
    app.state.synthesiser.close()
    app.state.base_voices.close()


async def _unload_when_idle(app: FastAPI) -> None:
    """Give the engine's memory back after a while without work, where that is wished for."""
    residency: Residency = app.state.residency
    while app.state.settings.speech_idle_unload_s:
        await asyncio.sleep(max(residency.idle_in_s(), _LEAST_IDLE_LOOK_S))
        await anyio.to_thread.run_sync(residency.unload_if_idle)


async def _look_for_interruption(app: FastAPI) -> None:
    """On a spot machine, ask over and over when it is to be taken back."""
    notice: SpotNotice | None = app.state.spot_notice
    while notice is not None:
        await anyio.to_thread.run_sync(notice.look)
        await asyncio.sleep(NOTICE_POLL_S)


def _learn_base_tones(app: FastAPI) -> None:
    for language in ("ja", "en"):
        for voice in app.state.base_voices.finest_of_language(language):
            try:
                app.state.base_tones.get(voice)
            except Exception as error:
                logger.warning("a base voice's tone is learnt later: %s", type(error).__name__)
                return


def _serve_docs(app: FastAPI) -> None:
    assets = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/docs/assets", StaticFiles(directory=assets))

    @app.get("/docs", include_in_schema=False)
    def show_docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Video Message speech API",
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon.png",
        )
