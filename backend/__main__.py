"""`python -m backend migrate | serve | worker | local | demo | fill-bucket`."""

# ruff: noqa: PLC0415 - each command imports only what it needs, so that all start fast

import argparse
import sys

from backend.logs import set_up_logging
from backend.settings import Settings


def main() -> None:
    """Run the command that was asked for. Each imports only what it needs."""
    parser = argparse.ArgumentParser(prog="python -m backend")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="create the databases, or bring them up to date")
    commands.add_parser("serve", help="serve the API")
    commands.add_parser("worker", help="make the videos")
    commands.add_parser("local", help="start everything on this computer", add_help=False)
    commands.add_parser("demo", help="make one video from end to end", add_help=False)
    commands.add_parser("fill-bucket", help="copy the folder's files into STORAGE_BUCKET")
    arguments, rest = parser.parse_known_args()
    if rest and arguments.command not in ("local", "demo"):
        parser.error(f"unknown arguments: {' '.join(rest)}")
    set_up_logging()
    sys.exit(_run(arguments.command, rest))


def _run(command: str, rest: list[str]) -> int:
    if command == "local":
        from backend.local import main as run_local

        return run_local(rest)
    if command == "demo":
        from backend.demo import main as run_demo

        return run_demo(rest)
    settings = Settings()
    if command == "migrate":
        _migrate(settings)
        return 0
    from backend.storage import StorageUnusable

    try:
        {"serve": _serve, "worker": _work, "fill-bucket": _fill_bucket}[command](settings)
    except StorageUnusable as error:
        sys.exit(str(error))
    return 0


def _migrate(settings: Settings) -> None:
    from backend.jobs.engine import migrate_jobs
    from backend.migrations import upgrade

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    migrate_jobs(settings.jobs_database)


def _serve(settings: Settings) -> None:
    from backend.serving import serve

    serve(settings)


def _work(settings: Settings) -> None:
    from backend.jobs.worker import run_worker

    run_worker(settings)


def _fill_bucket(settings: Settings) -> None:
    from backend.storage import FolderStorage, storage_of
    from backend.storage.moving import fill

    if not settings.storage_bucket:
        sys.exit("STORAGE_BUCKET is empty: name the bucket that the files are to go to.")
    storage = storage_of(settings)
    storage.check(settings.public_url)
    fill(storage, FolderStorage(settings.storage_root))


if __name__ == "__main__":
    main()
