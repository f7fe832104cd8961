"""`python -m backend.bench [SECONDS]`: the API under a load that arrives at a fixed rate.

Each route is driven alone by autocannon, which counts from when a request was due, not from when
it was sent: an answer that is late makes those behind it late, too. Both databases have full
durability: SQLite `synchronous=FULL`, and PostgreSQL, a server of its own, its defaults. As many
processes serve as there are cores, which the database's server and autocannon need as well. Ends
with status 1 where a bar is missed.
"""

# ruff: noqa: T201 - it prints a table

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from backend.demo.account import Account
from backend.jobs.engine import migrate_jobs
from backend.local.checks import find_free_ports
from backend.migrations import upgrade
from backend.tests.postgres import MISSING, find_postgres, postgres_server
from videomessage import Client

LASTS_S = 60
CONNECTIONS = 20
READS_S, READ_P99_MS = 400, 150
WRITES_S, WRITE_P99_MS = 150, 400
MESSAGES = 200
SCRIPT = "お誕生日おめでとう。来年も一緒にお祝いしようね。" * 4
AUTOCANNON = Path("frontend/node_modules/.bin/autocannon")
SCOPES = ["messages:read", "messages:write", "shares:read", "shares:write"]


@dataclass(frozen=True)
class Route:
    """One call that is made again and again, and what it has to bear."""

    method: str
    name: str
    path: str
    rate_s: int
    p99_ms: int
    body: dict[str, Any] | None = None
    with_key: bool = True


@dataclass(frozen=True)
class Load:
    """What autocannon saw: requests a second, milliseconds, and answers that were none."""

    answered_s: float
    p50_ms: float
    p99_ms: float
    failed: int

    def bears(self, route: Route) -> bool:
        """Return whether nothing failed, nothing was too slow and no rate was missed."""
        is_quick = self.p99_ms <= route.p99_ms
        return self.failed == 0 and is_quick and self.answered_s >= 0.99 * route.rate_s


def main() -> int:
    """Print the table; return the exit status."""
    lasts_s = int(sys.argv[1]) if len(sys.argv) > 1 else LASTS_S
    missed = []
    print("| database | route | asked for | answered | median | p99 | failed |")
    print("|---|---|---|---|---|---|---|")
    for name, url in _databases():
        with TemporaryDirectory() as folder, _served(Path(folder), url) as address:
            key, routes = _furnish(address)
            for route in routes:
                load = _drive(address, key, route, lasts_s)
                print(_row(name, route, load), flush=True)
                missed += [] if load.bears(route) else [f"{name}: {route.method} {route.name}"]
    print("\n".join(f"missed: {one}" for one in missed), end="\n" if missed else "")
    return 1 if missed else 0


def _row(database: str, route: Route, load: Load) -> str:
    figures = f"{load.answered_s:.0f}/s | {load.p50_ms:.0f} ms | {load.p99_ms:.0f} ms"
    called = f"`{route.method} {route.name}`"
    return f"| {database} | {called} | {route.rate_s}/s | {figures} | {load.failed} |"


def _databases() -> Iterator[tuple[str, str | None]]:
    yield "SQLite", None
    programs = find_postgres()
    if programs is None:
        print(MISSING, file=sys.stderr)
        return
    with postgres_server(programs, {}) as server, server.database() as url:
        yield "PostgreSQL", url


@contextmanager
def _served(folder: Path, url: str | None) -> Iterator[str]:
    """Give the address of a backend on a fresh database."""
    app_url, jobs_url = url or f"sqlite:///{folder}/app.db", f"sqlite:///{folder}/jobs.db"
    upgrade(app_url)
    migrate_jobs(jobs_url)
    (port,) = find_free_ports(1)
    wishes = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": app_url,
        "JOBS_DATABASE_URL": jobs_url,
        "BACKEND_PORT": str(port),
        "BACKEND_PROCESSES": str(os.cpu_count()),
        "API_KEY_MINUTE_LIMIT": "100000000",
        "SPEECH_URL": "http://127.0.0.1:9",
    }
    command = [sys.executable, "-m", "backend", "serve"]
    log = (folder / "backend.log").open("wb")
    process = subprocess.Popen(command, env=os.environ | wishes, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            if httpx.get(f"{address}/healthz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    sys.exit("the backend did not start")


def _furnish(address: str) -> tuple[str, list[Route]]:
    """Make an account with its messages; return its key and what is called."""
    with Account(address) as account:
        account.sign_up("load@example.com", "correct horse battery", "Load", "ja")
        made = account.call("POST", "/api-keys", {"name": "load", "scopes": SCOPES})
    with Client(made["key"], address) as client:
        draft = {"title": "花子さんへ", "script": SCRIPT, "language": "ja"}
        messages = [client.messages.create(**draft) for _ in range(MESSAGES)]
        one = messages[MESSAGES // 2]["id"]
    return made["key"], [
        Route("GET", "/messages/{id}", f"/api/v1/messages/{one}", READS_S, READ_P99_MS),
        Route("GET", "/messages?limit=10", "/api/v1/messages?limit=10", READS_S, READ_P99_MS),
        Route("GET", "/messages/{id}/shares", f"/api/v1/messages/{one}/shares",
              READS_S, READ_P99_MS),
        Route("POST", "/messages", "/api/v1/messages", WRITES_S, WRITE_P99_MS, draft),
        Route(
            "PATCH", "/messages/{id}", f"/api/v1/messages/{one}", WRITES_S, WRITE_P99_MS,
            {"title": "太郎さんへ"},
        ),
    ]  # fmt: skip


def _drive(address: str, key: str, route: Route, lasts_s: int) -> Load:
    command = [
        str(AUTOCANNON), "--json", "--duration", str(lasts_s), "--connections", str(CONNECTIONS),
        "--overallRate", str(route.rate_s), "--method", route.method,
        "--headers", f"Authorization=Bearer {key}", "--headers", "Content-Type=application/json",
        *(["--body", json.dumps(route.body)] if route.body is not None else []),
        address + route.path,
    ]  # fmt: skip
    done = subprocess.run(command, check=True, capture_output=True)
    seen = json.loads(done.stdout)
    return Load(
        answered_s=seen["requests"]["average"],
        p50_ms=seen["latency"]["p50"],
        p99_ms=seen["latency"]["p99"],
        failed=seen["errors"] + seen["timeouts"] + seen["non2xx"],
    )


if __name__ == "__main__":
    sys.exit(main())
