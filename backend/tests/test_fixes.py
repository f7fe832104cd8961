"""A refused request says what would mend it, whatever is wrong."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict, Field

from backend.problems import install_problem_handlers


class Order(BaseModel):
    """Something of every kind."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field("abc", min_length=2, max_length=4, pattern="^[a-z]*$")
    count: int = Field(1, ge=1, le=9)
    share: float = Field(0.5, gt=0.0, lt=1.0)
    names: list[str] = Field([], max_length=2)
    is_on: bool = True


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    install_problem_handlers(app)

    @app.post("/orders")
    def take(_order: Order) -> None:
        """Take it."""

    return TestClient(app)


@pytest.mark.parametrize(
    ("wish", "field", "fix"),
    [
        ({"text": "a"}, "text", "Send at least 2 characters."),
        ({"text": "abcde"}, "text", "Shorten it to 4 characters."),
        ({"text": "A B"}, "text", "Send a value of the form ^[a-z]*$."),
        ({"text": 1}, "text", "Send text."),
        ({"count": 0}, "count", "Send 1 or more."),
        ({"count": 10}, "count", "Send 9 or less."),
        ({"count": "x"}, "count", "Send a whole number."),
        ({"share": 0}, "share", "Send more than 0.0."),
        ({"share": 1}, "share", "Send less than 1.0."),
        ({"share": "x"}, "share", "Send a number."),
        ({"names": ["a", "b", "c"]}, "names", "Send at most 2 items."),
        ({"names": "a"}, "names", "Send a list."),
        ({"is_on": "perhaps"}, "is_on", "Send true or false."),
        ({"colour": "red"}, "colour", "Leave this field out."),
    ],
)
def test_the_fix_fits_what_is_wrong(client: TestClient, wish, field, fix) -> None:
    answer = client.post("/orders", json=wish)
    assert answer.status_code == 422
    assert [(e["field"], e["fix"]) for e in answer.json()["errors"]] == [(field, fix)]


def test_what_is_no_json_is_told_as_that(client: TestClient) -> None:
    answer = client.post("/orders", content=b"{", headers={"content-type": "application/json"})
    assert answer.json()["errors"][0]["fix"] == "Send valid JSON."
