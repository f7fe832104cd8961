"""`python -m backend.openapi [--check FILE]`: the API's description, for the typed client."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from backend.main import create_app
from backend.settings import Settings


def description() -> str:
    """Return the OpenAPI document as text that is the same on every machine."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        document = app.openapi()
    document["info"]["version"] = "1"
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Print the description, or say whether FILE still holds it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", type=Path)
    wanted: Path | None = parser.parse_args().check
    if wanted is None:
        sys.stdout.write(description())
    elif wanted.read_text(encoding="utf-8") != description():
        sys.exit(f"{wanted} does not fit the routes any more: run `make client` and commit it.")


if __name__ == "__main__":
    main()
