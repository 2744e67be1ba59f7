"""The columns of a table, from a JSON Schema, and what may stand in their cells."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.normalization import normalize

__all__ = ["Cell", "Column", "Value", "numbers_in", "parse_schema", "read_schema", "stands"]

Value = str | int | float | bool
_MOST_COLUMNS = 24
# A number stands alone, or after a Chinese character, which no space parts from it.
_ALONE = r"(?<![^\W㐀-鿿])(?<![.,])"
_NUMBER = re.compile(
    rf"{_ALONE}[-−]?\d{{1,3}}(?:[,\s]\d{{3}})+(?![\d.,]\d)|{_ALONE}[-−]?\d+(?:\.\d+)?"
)


def _one_type(value: Any) -> Any:
    """`["number", "null"]` is a number: whether it is reported is told by the cell's status."""
    match value:
        case [kind, "null"] | ["null", kind]:
            return kind
        case _:
            return value


class Column(BaseModel):
    """One property of the schema. `description` is what is asked of each paper."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(pattern=r"^\w[\w -]{0,60}$")
    description: str = Field(default="", max_length=400)
    title: str = ""
    type: Annotated[
        Literal["string", "number", "integer", "boolean"], BeforeValidator(_one_type)
    ] = "string"
    enum: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """The words by which the column is sought."""
        return self.description or self.title or self.name.replace("_", " ")


class Cell(Frozen):
    """What a paper states for a column.

    `reported`: the quote stands in the paper at `[start, end)`, and the value in the quote. `inferred`: the quote
    stands there, the value was concluded from it by the language model and is to be read beside it.
    `not_reported`: sought and not found. `not_supported`: a value was given whose quote stands nowhere; it is not
    shown. `needs_model`: only a language model could conclude it. `page` is None where the paper has no pages.
    """

    status: Literal["reported", "inferred", "not_reported", "not_supported", "needs_model"]
    value: Value | None = None
    quote: str | None = None
    start: int | None = None
    end: int | None = None
    page: int | None = None


def read_schema(path: Path) -> tuple[Column, ...]:
    """The columns of a JSON Schema file.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` naming what is wrong.
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    try:
        schema = json.loads(path.read_text("utf-8-sig"))
    except ValueError as exc:
        raise RadciteError("RECORD_INVALID", f"{path.name}: not JSON") from exc
    return parse_schema(schema)


def parse_schema(schema: object) -> tuple[Column, ...]:
    """The columns: each property of an object schema, a string, number, integer, boolean or an enum of strings.

    Raises:
        RadciteError: `RECORD_INVALID` naming the property.
    """
    properties = schema.get("properties") if isinstance(schema, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(properties, dict) or not 0 < len(properties) <= _MOST_COLUMNS:  # pyright: ignore[reportUnknownArgumentType]
        raise RadciteError(
            "RECORD_INVALID",
            f"a schema has 1 to {_MOST_COLUMNS} properties",
            f"模式应有 1 至 {_MOST_COLUMNS} 个属性",
        )
    columns: list[Column] = []
    for name, told in properties.items():  # pyright: ignore[reportUnknownVariableType]
        try:
            columns.append(Column.model_validate({**told, "name": name}))
        except (ValidationError, TypeError) as exc:
            raise RadciteError("RECORD_INVALID", f"property {name}") from exc
    return tuple(columns)


def stands(value: Value, quote: str, column: Column) -> bool:
    """Whether a value stands in the quote: a number as a number, words as words. A truth value never does."""
    if column.type == "boolean" or isinstance(value, bool):
        return False
    if isinstance(value, (int, float)):
        return float(value) in numbers_in(quote)
    words = normalize(value).text.casefold()
    return bool(words) and words in normalize(quote).text.casefold()


def numbers_in(text: str) -> Sequence[float]:
    """The numbers of a text in their order; `1,024` is one."""
    return [float(re.sub(r"[,\s]", "", one).replace("−", "-")) for one in _NUMBER.findall(text)]
