"""A query string as one model.

FastAPI reads it field by field and finds out about each of them anew with every request: of a
list's answer that took a tenth.
"""

from typing import Any, Generic, TypeVar, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

ModelT = TypeVar("ModelT", bound=BaseModel)
_REF = "#/components/schemas/{model}"


class ByQuery(Generic[ModelT]):
    """A dependency: what the query says, as `model`; what is not in the model is ignored.

    parameters: how the description tells of it
    """

    def __init__(self, model: type[ModelT]) -> None:
        self._model = model
        fields = model.model_fields.items()
        self._lists = {name for name, field in fields if get_origin(field.annotation) is list}
        described = model.model_json_schema(ref_template=_REF)["properties"]
        self.parameters: list[dict[str, Any]] = [
            {"in": "query", "name": name, "required": field.is_required(), "schema": schema}
            | ({"description": field.description} if field.description else {})
            for (name, field), schema in zip(fields, described.values(), strict=True)
        ]

    async def __call__(self, request: Request) -> ModelT:
        """Return it. Raises RequestValidationError."""
        sent = request.query_params
        given = {
            name: sent.getlist(name) if name in self._lists else sent[name]
            for name in self._model.model_fields
            if name in sent
        }
        try:
            return self._model.model_validate(given)
        except ValidationError as error:
            found = error.errors(include_url=False)
            raise RequestValidationError(
                [{**one, "loc": ("query", *one["loc"])} for one in found]
            ) from None
