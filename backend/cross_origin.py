"""Calls from pages of other origins (CORS), where the operator allows them.

A key is what opens the API to them. No cookie is sent along, so that such a page can do nothing
in the name of whoever is signed in here.
"""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

_DAY_S = 24 * 3600
# What a script could not read otherwise.
EXPOSED = (
    "ETag", "Idempotency-Replayed", "Location", "Preference-Applied", "RateLimit",
    "RateLimit-Policy", "Retry-After", "X-Request-Id",
)  # fmt: skip
SENT = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer")


def allow_origins(app: FastAPI, origins: list[str]) -> None:
    """Let pages of `origins` call the API; of none, where there are none."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=SENT,
            expose_headers=EXPOSED,
            max_age=_DAY_S,
        )
