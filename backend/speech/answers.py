"""What every answer of the speech service has in common."""

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    """Something the service says; what is not known here is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")
