"""Puts the examples into the document: each once, among its components, and named where it fits."""

from collections.abc import Iterator, Mapping
from typing import Any

from backend.examples.shape import Examples
from backend.problems import MEDIA_TYPE

_JSON = "application/json"
_SCHEMAS = "#/components/schemas/"


def show_examples(document: dict[str, Any], examples: Examples) -> None:
    """Give each JSON body of `document` that has an example its example."""
    of_models = {model.__name__: shown for model, shown in examples.of_models.items()}
    known = {**of_models, **examples.of_operations}
    shown = {one.problem.code: one.problem.body() for one in examples.problems}
    for operation in operations(document["paths"] | document.get("webhooks", {})):
        for place, content in json_bodies(operation):
            name = place if place in known else _model_of(content)
            if name in known:
                content["examples"] = {name: _reference(name)}
                shown[name] = known[name]
        _show_problems(operation, examples)
    document["components"]["examples"] = {name: {"value": value} for name, value in shown.items()}


def operations(paths: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the operations of a document's `paths` or `webhooks`."""
    for path in paths.values():
        yield from path.values()


def json_bodies(operation: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the JSON that is sent and that is answered, each with its place: `speak.request`."""
    said = {"request": operation.get("requestBody", {})}
    said |= {code: told for code, told in operation["responses"].items() if code.startswith("2")}
    for place, told in said.items():
        if _JSON in told.get("content", {}):
            yield f"{operation['operationId']}.{place}", told["content"][_JSON]


def _model_of(content: Mapping[str, Any]) -> str:
    schema = content.get("schema", {})
    choices = [schema, *schema.get("anyOf", [])]  # a body that may be left out is one of two
    names = [one["$ref"].removeprefix(_SCHEMAS) for one in choices if "$ref" in one]
    return names[0] if names else ""


def _show_problems(operation: dict[str, Any], examples: Examples) -> None:
    fitting = [one.problem for one in examples.problems if one.is_of(operation)]
    for code, answer in operation["responses"].items():
        told = {
            problem.code: _reference(problem.code)
            for problem in fitting
            if code in ("4XX", str(problem.status))
        }
        contents = answer.get("content", {})
        if told and MEDIA_TYPE in contents:
            # Answers share one description of a problem, and differ in what they show.
            answer["content"] = contents | {MEDIA_TYPE: contents[MEDIA_TYPE] | {"examples": told}}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/examples/{name}"}
