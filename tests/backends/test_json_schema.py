from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from radcite.backends.chat.json_schema import strict_schema
from radcite.core.frozen import Frozen


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class Cat(Frozen):
    kind: Literal["cat"] = "cat"
    side: Side | None = None


class Dog(Frozen):
    kind: Literal["dog"] = "dog"
    pups: tuple["Dog", ...] = Field(default=(), max_length=2)


class Zoo(BaseModel):
    title: str = Field(default="x", min_length=1, pattern="^[a-z]+$", description="Its name.")
    default: int = Field(default=3, ge=1, le=9)
    animals: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = Field(min_length=1)


def test_objects_are_closed_and_every_field_is_required() -> None:
    schema = strict_schema(Zoo)
    definitions = schema["$defs"]
    assert isinstance(definitions, dict)
    assert schema["required"] == ["title", "default", "animals"]
    assert schema["additionalProperties"] is False
    assert definitions["Cat"] == {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": ["cat"]},
            "side": {"anyOf": [{"$ref": "#/$defs/Side"}, {"type": "null"}]},
        },
        "required": ["kind", "side"],
        "additionalProperties": False,
    }


def test_what_grammars_cannot_decode_falls_away_and_the_rest_stays() -> None:
    assert strict_schema(Zoo)["properties"] == {
        "title": {"type": "string", "description": "Its name."},
        "default": {"type": "integer", "minimum": 1, "maximum": 9},
        "animals": {
            "type": "array",
            "items": {"anyOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}]},
            "minItems": 1,
        },
    }


def test_a_model_may_hold_its_own_kind() -> None:
    definitions = strict_schema(Dog)["$defs"]
    assert isinstance(definitions, dict)
    assert "$ref" in str(definitions["Dog"])


class FreeKeys(BaseModel):
    scores: dict[str, float]


class Anything(BaseModel):
    value: object


class Open(BaseModel, extra="allow"):
    value: int


@pytest.mark.parametrize("unbounded", [FreeKeys, Anything, Open])
def test_what_no_grammar_can_bound_is_refused(unbounded: type[BaseModel]) -> None:
    with pytest.raises(TypeError):
        strict_schema(unbounded)
