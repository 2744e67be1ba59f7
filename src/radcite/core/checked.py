"""Values made of what a user gave: what does not fit is told by the name of its field."""

from collections.abc import Generator
from contextlib import contextmanager

from pydantic import ValidationError

from radcite.core.errors import RadciteError

__all__ = ["checked"]


@contextmanager
def checked() -> Generator[None]:
    """Make values of what a user gave, inside.

    Raises:
        RadciteError: `VALIDATION` naming the first field at fault; what was given is not repeated.
    """
    try:
        yield
    except ValidationError as exc:
        fault = exc.errors(include_input=False, include_url=False)[0]
        what = fault["msg"].removeprefix("Value error, ")
        if not (field := ".".join(map(str, fault["loc"]))):
            raise RadciteError("VALIDATION", what) from exc
        raise RadciteError("VALIDATION", f"{field}: {what}", f"{field}：取值无效") from exc
