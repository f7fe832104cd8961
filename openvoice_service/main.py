"""The one place where the speech service is put together. It never imports torch."""

import logging
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from openvoice_service.base_voices import BaseVoices
from openvoice_service.cache import SpeechCache
from openvoice_service.engines import (
    Engine,
    EngineUnavailable,
    choose_engine_name,
    create_engine,
)
from openvoice_service.problems import install_problem_handlers
from openvoice_service.profiles import ProfileStore
from openvoice_service.routes import health_router, router
from openvoice_service.settings import SpeechSettings
from openvoice_service.speaking import Speaker, lacking_engines, probe
from openvoice_service.synthesis import Synthesiser
from openvoice_service.tones import BaseTones
from openvoice_service.voices import MAX_FILES, MAX_REFERENCE_BYTES, VoiceKeeper

logger = logging.getLogger("openvoice_service.requests")


class _Warmth:
    """Whether a probe sentence has come out; asked for again until it has."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._lock = threading.Lock()
        self._warm = False

    def __call__(self) -> bool:
        with self._lock:
            if not self._warm:
                try:
                    probe(self._speaker)
                    self._warm = True
                except Exception:
                    logger.exception("the probe sentence could not be spoken")
        return self._warm


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
    app.middleware("http")(_log_request)
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
    base_voices = BaseVoices()
    cache = SpeechCache(root / "generated", settings.speech_cache_bytes)
    profiles = ProfileStore(root)
    base_tones = BaseTones(engine, root / "base_tones")
    synthesiser = Synthesiser(engine, base_voices, base_tones, cache)
    app.state.base_voices = base_voices
    app.state.base_tones = base_tones
    lacking = lacking_engines(engine, settings.models_folder) | lacking
    app.state.speaker = Speaker(engine, base_voices, profiles, synthesiser, lacking)
    app.state.keeper = VoiceKeeper(profiles, engine, base_voices, cache)
    app.state.is_ready = _Warmth(app.state.speaker)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Learnt beforehand where it costs nobody's time: the first message shall not wait for it.
    threading.Thread(target=_learn_base_tones, args=(app,), name="base-tones", daemon=True).start()
    yield
    app.state.base_voices.close()


def _learn_base_tones(app: FastAPI) -> None:
    for language in ("ja", "en"):
        for voice in app.state.base_voices.of_language(language):
            try:
                app.state.base_tones.get(voice)
            except Exception as error:
                logger.warning("the tone of %s is learnt later: %s", voice.id, type(error).__name__)
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


async def _log_request(
    request: Request, call_next: Callable[[Request], Awaitable[Response]]
) -> Response:
    """Log the route's template and the answer, never what was said."""
    started_s = time.perf_counter()
    response = await call_next(request)
    path = getattr(request.scope.get("route"), "path", "unmatched")
    elapsed_ms = (time.perf_counter() - started_s) * 1000
    logger.info("%s %s %d %.0f ms", request.method, path, response.status_code, elapsed_ms)
    return response
