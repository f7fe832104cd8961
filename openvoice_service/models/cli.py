"""`python -m openvoice_service download`: the weights, with plain progress."""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from openvoice_service.models.download import fetch, is_published
from openvoice_service.models.manifest import MODELS, File, Model
from openvoice_service.models.sources import (
    DEFAULT_ENDPOINT,
    DownloadFailed,
    Hub,
    OfflineFolder,
    Source,
)
from openvoice_service.settings import SpeechSettings

# A terminal's line is renewed this often; a log gets a line each tenth of the file instead.
_RENEW_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `download` understands."""
    parser.add_argument("--models", type=Path, help="folder of weights; default MODELS_DIR")
    parser.add_argument("--only", choices=[model.name for model in MODELS])
    parser.add_argument(
        "--from",
        dest="origin",
        metavar="DIR_OR_URL",
        help="a copy of the folder of weights, or another hub; default HF_ENDPOINT",
    )
    parser.set_defaults(command=download)


def download(options: argparse.Namespace) -> None:
    """Bring the weights here, or end with a sentence and status 1."""
    folder = options.models or SpeechSettings().models_folder
    wanted = [model for model in MODELS if options.only in (None, model.name)]
    try:
        source = _source(options.origin)
        for model in wanted:
            _bring(model, folder, source)
    except DownloadFailed as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. What is here stays: run it again to go on.")


def _source(origin: str | None) -> Source:
    if origin is None:
        return Hub(os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT)
    return Hub(origin) if "://" in origin else OfflineFolder(Path(origin))


def _bring(model: Model, folder: Path, source: Source) -> None:
    print(f"{model.title}: {model.size / 1e6:.0f} MB into {folder / model.folder}", flush=True)
    for file in model.files:
        if is_published(folder / model.folder / file.target, file):
            print(f"  {file.target}: here already", flush=True)
        else:
            fetch(model, file, folder, source, _progress(file))


def _progress(file: File) -> Callable[[int], None]:
    """Return what shows the bytes held; the first call says where a broken one goes on."""
    is_terminal = sys.stdout.isatty()
    shown_s, shown_tenth = 0.0, -1

    def show(held: int) -> None:
        nonlocal shown_s, shown_tenth
        is_done, tenth = held == file.size, 10 * held // file.size
        if is_terminal and (is_done or time.monotonic() - shown_s >= _RENEW_S):
            shown_s = time.monotonic()
            print(f"\r{_line(file, held)}", end="\n" if is_done else "", flush=True)
        elif not is_terminal and tenth > shown_tenth:
            print(_line(file, held), flush=True)
        shown_tenth = max(tenth, shown_tenth)

    return show


def _line(file: File, held: int) -> str:
    return f"  {file.target}: {held / 1e6:.1f} of {file.size / 1e6:.1f} MB ({held / file.size:.0%})"
