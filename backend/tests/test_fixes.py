"""A refused request says what would mend it, whatever is wrong."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from fastapi import FastAPI, Query
from fastapi.testclient import TestClient
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from backend.problems import install_problem_handlers

A_TIME = "Send a time such as 2026-11-24T12:00:00Z."
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Colour(StrEnum):
    """Some."""

    RED = "red"
    BLUE = "blue"


class Inner(BaseModel):
    """Something within."""

    depth: int


class Order(BaseModel):
    """Something of every kind."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("abc", min_length=2, max_length=4, pattern="^[a-z]*$")
    count: int = Field(1, ge=1, le=9)
    share: float = Field(0.5, gt=0.0, lt=1.0, allow_inf_nan=False)
    names: list[str] = Field(["a"], min_length=1, max_length=2)
    is_on: bool = True
    at: datetime = NOON
    since: AwareDatetime = NOON
    colour: Colour = Colour.RED
    size: Literal["small", "large"] = "small"
    more: dict[str, int] = {}
    inner: Inner | None = None


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    install_problem_handlers(app)

    @app.post("/orders")
    def take(_order: Order) -> None:
        """Take it."""

    @app.get("/orders")
    def list_orders(_limit: Annotated[int, Query(alias="limit", ge=1)]) -> None:
        """List them."""

    return TestClient(app)


def told(answer: Any) -> list[tuple[str, str]]:
    """Return (field, fix) of each error."""
    return [(error["field"], error["fix"]) for error in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("wish", "field", "fix"),
    [
        ({"text": "a"}, "text", "Send 2 or more characters."),
        ({"text": "abcde"}, "text", "Shorten it to 4 characters."),
        ({"text": "A B"}, "text", "Send a value of the form ^[a-z]*$."),
        ({"text": 1}, "text", "Send text."),
        ({"count": 0}, "count", "Send 1 or more."),
        ({"count": 10}, "count", "Send 9 or less."),
        ({"count": "x"}, "count", "Send a whole number."),
        ({"share": 0}, "share", "Send more than 0.0."),
        ({"share": 1}, "share", "Send less than 1.0."),
        ({"share": "x"}, "share", "Send a number."),
        ({"names": ["a", "b", "c"]}, "names", "Send no more than 2 items."),
        ({"names": "a"}, "names", "Send a list."),
        ({"is_on": "perhaps"}, "is_on", "Send true or false."),
        ({"count": 1.5}, "count", "Send a whole number."),
        ({"count": None}, "count", "Send a whole number."),
        ({"share": []}, "share", "Send a number."),
        ({"names": []}, "names", "Send 1 or more items."),
        ({"names": ["a", 2]}, "names.1", "Send text."),
        ({"is_on": []}, "is_on", "Send true or false."),
        ({"at": "at noon"}, "at", A_TIME),
        ({"at": []}, "at", A_TIME),
        ({"since": "2026-11-24T12:00:00"}, "since", A_TIME.replace("such", "with its zone, such")),
        ({"colour": "green"}, "colour", "Send one of 'red' or 'blue'."),
        ({"size": "huge"}, "size", "Send one of 'small' or 'large'."),
        ({"more": 1}, "more", "Send an object."),
        ({"inner": 1}, "inner", "Send an object."),
        ({"inner": {}}, "inner.depth", "Send this field too."),
        ({"unknown": 1}, "unknown", "Leave this field out."),
        ([], "body", "Send an object."),
        (None, "body", "Send this field too."),
    ],
)
def test_the_fix_fits_what_is_wrong(client: TestClient, wish, field, fix) -> None:
    answer = client.post("/orders", json=wish)
    assert answer.status_code == 422
    assert told(answer) == [(field, fix)]


def test_what_is_no_json_is_told_as_that(client: TestClient) -> None:
    answer = client.post("/orders", content=b"{", headers={"content-type": "application/json"})
    assert told(answer) == [("body", "Send valid JSON.")]


def test_an_infinite_number_is_told_as_that(client: TestClient) -> None:
    headers = {"content-type": "application/json"}
    answer = client.post("/orders", content=b'{"share": NaN}', headers=headers)
    assert told(answer) == [("share", "Send a number that is not infinite.")]


def test_a_query_says_its_limits(client: TestClient) -> None:
    assert told(client.get("/orders?limit=0")) == [("limit", "Send 1 or more.")]
    assert told(client.get("/orders?limit=x")) == [("limit", "Send a whole number.")]
