"""The engine's published description, to which requests and answers are held."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

DESCRIPTION = json.loads(Path(__file__).with_name("openapi.json").read_text(encoding="utf-8"))


class Contract:
    """Notes whatever is not as the description says; a test ends by finding nothing noted."""

    def __init__(self) -> None:
        self.violations: list[str] = []
        self.calls: list[str] = []

    def check_request(
        self, method: str, path: str, query: Mapping[str, str], body: Any | None
    ) -> None:
        """Hold a request to the description of its call."""
        self.calls.append(f"{method} {path}")
        operation = _operation(method, path)
        if operation is None:
            self.violations.append(f"{method} {path}: there is no such call")
            return
        known = {each["name"]: each for each in operation.get("parameters", ())}
        for name, value in query.items():
            if name not in known:
                self.violations.append(f"{path}: no parameter {name}")
            else:
                self._check(f"{path}?{name}", _as_json(value, known[name]["schema"]), known[name])
        missing = [n for n, each in known.items() if each.get("required") and n not in query]
        self.violations += [f"{path}: {name} is missing" for name in missing]
        if "requestBody" in operation:
            self._check(path, body, operation["requestBody"]["content"]["application/json"])

    def check_answer(self, method: str, path: str, status: int, kind: str, body: bytes) -> None:
        """Hold an answer to the description of its call."""
        operation = _operation(method, path)
        described = operation and operation["responses"].get(str(status))
        if described is None:
            self.violations.append(f"{path}: no answer with status {status}")
            return
        contents = described.get("content")
        if contents is None:
            return
        if kind not in contents:
            self.violations.append(f"{path}: {kind} is no answer")
        elif kind == "application/json":
            self._check(path, json.loads(body), contents[kind])

    def _check(self, where: str, value: Any, holder: Mapping[str, Any]) -> None:
        schema = {**holder["schema"], "components": DESCRIPTION["components"]}
        for error in Draft202012Validator(schema).iter_errors(_without_nulls(value)):
            # Where, and which rule: the value itself may be what is to be said.
            self.violations.append(f"{where} at {error.json_path}: {error.validator}")


def _operation(method: str, path: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = DESCRIPTION["paths"].get(path, {}).get(method.lower())
    return found


def _as_json(value: str, schema: Mapping[str, Any]) -> Any:
    if schema["type"] in ("integer", "boolean"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _without_nulls(value: Any) -> Any:
    """Drop nulls: the engine writes them for what its description calls left out."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    return value
