"""The one place where the backend is put together."""

import functools
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import fastapi_offline
from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from pydantic import SecretStr
from starlette.routing import BaseRoute

from backend.accounts import routes as accounts
from backend.accounts.service import has_accounts
from backend.api_keys import routes as api_keys
from backend.api_keys.access import NoKeyInQuery
from backend.api_keys.known import ACCESS_CHANGED, KnownKeys
from backend.api_keys.quota import QuotaHeaders, Quotas
from backend.campaigns import routes as campaigns
from backend.campaigns import run_routes as campaign_runs
from backend.cross_origin import allow_origins
from backend.db import create_database, create_readers, create_sessions
from backend.dependencies import Collaborators, new_limiter
from backend.description import describe
from backend.examples.everything import EXAMPLES
from backend.jobs.engine import RenderQueue
from backend.jobs.outbox import WAKE_KEY, OutboxCourier
from backend.mail import routes as mail
from backend.mail import suppression_routes as suppressions
from backend.mail.unsubscribe_routes import unsubscribe_router
from backend.messages import making_time, takes
from backend.messages import preview_routes as previews
from backend.messages import routes as messages
from backend.messages.making import is_any_in_work
from backend.music import routes as music
from backend.power import routes as power
from backend.power.lanes import Lanes
from backend.power.leases import start_lease_keeper
from backend.power.service import start_controller
from backend.power.setup import power_of
from backend.problems import install_problem_handlers
from backend.request_log import RequestLog
from backend.security import nobodys_hash
from backend.settings import Settings, is_loopback_host
from backend.shares import guest_routes as guest_shares
from backend.shares import public_routes as public_shares
from backend.shares import routes as shares
from backend.speech.client import SpeechClient
from backend.speech_api import routes as speech_api
from backend.speech_api.upstream import SpeechUpstream
from backend.storage import storage_of
from backend.system import routes as system
from backend.themes import routes as themes
from backend.uploads import routes as uploads
from backend.version import VERSION
from backend.voices import routes as voices
from backend.webhooks import routes as webhooks
from backend.webhooks.described import describe_webhooks
from backend.words import routes as words

# One part of an upload and its headers; every other request is far smaller.
MAX_BODY_BYTES = 9 * 1024 * 1024


def create_app(settings: Settings, speech: SpeechClient | None = None) -> FastAPI:
    """Return the application; `speech` stands in for the client in tests."""
    settings = with_owner_token(settings)
    collaborators = _collaborators(settings, speech)
    app = FastAPI(
        title="Video Message",
        version=VERSION,
        # Spans would carry addresses, and so ids and signatures.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.collaborators = collaborators
    nobodys_hash()
    install_problem_handlers(app)
    app.router.routes.extend(_routes())
    app.webhooks.routes.extend(describe_webhooks().routes)
    _serve_docs(app)
    describe(app, EXAMPLES)
    app.add_middleware(NoKeyInQuery)
    app.add_middleware(RequestLog)
    app.add_middleware(QuotaHeaders)
    allow_origins(app, settings.allowed_origins)
    return app


def _collaborators(settings: Settings, speech: SpeechClient | None) -> Collaborators:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine = create_database(settings.database)
    sessions = create_sessions(engine)
    speech = speech or SpeechClient.from_settings(settings)
    lanes = Lanes(sessions, speech, power_of(settings))
    return Collaborators(
        settings=settings,
        engine=engine,
        sessions=sessions,
        readers=create_readers(engine),
        storage=storage_of(settings),
        speech=speech,
        upstream=SpeechUpstream.from_settings(settings, lanes),
        lanes=lanes,
        limiter=new_limiter(),
        quotas=Quotas(),
        known_keys=KnownKeys(),
    )


def with_owner_token(settings: Settings) -> Settings:
    """Add a one-time token when strangers could reach a fresh installation first."""
    only_here = settings.is_loopback and is_loopback_host(settings.backend_host)
    if settings.owner_token or only_here:
        return settings
    return settings.model_copy(update={"owner_token": SecretStr(secrets.token_urlsafe(16))})


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Collaborators = app.state.collaborators
    courier = OutboxCourier(
        parts.sessions, lambda: RenderQueue(parts.settings.jobs_database), parts.lanes.line_of
    )
    controller = start_controller(parts.settings, parts.sessions)
    leases = start_lease_keeper(parts.settings, parts.sessions, is_any_in_work)
    parts.sessions.configure(info={WAKE_KEY: courier.wake, ACCESS_CHANGED: parts.known_keys.forget})
    courier.start()
    _announce_owner_token(parts)
    yield
    if controller is not None:
        controller.stop()
    if leases is not None:
        leases.stop()
    courier.stop()
    parts.speech.close()
    await parts.upstream.close()
    parts.engine.dispose()


def _announce_owner_token(parts: Collaborators) -> None:
    """Leave the token in a file of the operator's alone: what is printed stays in logs."""
    token, path = parts.settings.owner_token, parts.settings.owner_token_file
    path.unlink(missing_ok=True)
    if token is None:
        return
    with parts.readers() as session:
        if has_accounts(session):
            return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_text(token.get_secret_value())
    print(f"The first account needs the token in {path}", flush=True)  # noqa: T201


def _operation_id(route: APIRoute) -> str:
    first, *rest = route.name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@functools.cache
def _routes() -> tuple[BaseRoute, ...]:
    """Return every route. They know no app: what FastAPI works out of them serves each one."""
    root = APIRouter(
        generate_unique_id_function=_operation_id,
        max_body_size=MAX_BODY_BYTES,
    )
    # A request is held against each of them in order: what is asked most often comes first.
    features = (
        messages, shares, campaigns, accounts, api_keys, uploads, voices, words, music, themes,
        previews, takes, making_time, mail, suppressions, webhooks, campaign_runs,
        power, system,
    )  # fmt: skip
    # Each of them directly: a router within a router is held against every request twice.
    for feature in features:
        root.include_router(feature.router, prefix="/api/v1")
    root.include_router(speech_api.router)
    root.include_router(unsubscribe_router)
    root.include_router(public_shares.public_router)
    root.include_router(guest_shares.guest_router)
    root.include_router(public_shares.oembed_router)
    root.include_router(system.health_router)
    return tuple(root.routes)


def _serve_docs(app: FastAPI) -> None:
    assets = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/docs/assets", StaticFiles(directory=assets))

    @app.get("/docs", include_in_schema=False)
    def show_docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Video Message API",
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/docs/assets/favicon.png",
        )
