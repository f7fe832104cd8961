"""What a feature's examples are given as."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from backend.problems import Problem


@dataclass(frozen=True)
class ProblemExample:
    """A problem, and whether an operation of the document answers with it."""

    problem: Problem
    is_of: Callable[[dict[str, Any]], bool]


@dataclass(frozen=True)
class Examples:
    """Bodies as JSON.

    of_models:     by the model that describes the body, wherever it is sent or answered
    of_operations: in its stead where the same model tells something else, by
                   `{operationId}.request` or `{operationId}.{status}`
    problems:      what is refused; each once, whatever the operation
    """

    of_models: Mapping[type[BaseModel], Any]
    of_operations: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[ProblemExample, ...] = ()
