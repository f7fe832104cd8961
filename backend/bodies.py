"""What all request bodies have in common."""

from typing import Any

from pydantic import BaseModel, field_validator


class RequestBody(BaseModel):
    """A body as it was sent, without NUL characters: PostgreSQL cannot store them."""

    @field_validator("*", mode="before")
    @classmethod
    def _without_nul(cls, value: Any) -> Any:
        return value.replace("\0", "") if isinstance(value, str) else value
