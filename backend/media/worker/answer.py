"""What a worker says of a file."""

import json
import sys
from typing import Any, NoReturn


def answer(facts: dict[str, Any]) -> None:
    """Print what is known of the file."""
    sys.stdout.write(json.dumps(facts) + "\n")


def refuse(code: str, **facts: Any) -> NoReturn:
    """Print a refusal and end."""
    answer({"code": code, **facts})
    sys.exit(0)
