from pydantic import BaseModel, ConfigDict

__all__ = ["Frozen"]


class Frozen(BaseModel):
    """Base of every value: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
