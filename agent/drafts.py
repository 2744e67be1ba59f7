"""A draft: what a writer proposes, before anything of it was checked."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from radcite.core.frozen import Frozen

__all__ = ["Draft", "DraftCitation", "DraftClaim", "draft_form"]

_MOST_CLAIMS = 12


class DraftCitation(Frozen):
    """Words a writer quotes, and the key of the evidence it says they stand in."""

    evidence: str
    quote: str


class DraftClaim(Frozen):
    """A proposed statement; `part`, `condition` and `gloss` are empty where they do not apply."""

    citations: tuple[DraftCitation, ...] = Field(min_length=1)
    about: str
    condition: str = ""
    part: str = ""
    text: str = Field(min_length=1)
    gloss: str = ""


class Draft(Frozen):
    """Proposed statements, the most useful first."""

    claims: tuple[DraftClaim, ...] = Field(default=(), max_length=_MOST_CLAIMS)


@lru_cache(maxsize=128)
def draft_form(
    evidence: tuple[str, ...], parts: tuple[str, ...] = (), conditions: tuple[str, ...] = ()
) -> type[Draft]:
    """The form of a draft over evidence of these keys: another key, part or condition cannot be decoded."""
    # Types made at run time: a type checker sees through none of them.
    many: Any = tuple
    keys: Any = Literal[evidence]
    citation: Any = create_model("DraftCitation", __base__=DraftCitation, evidence=(keys, ...))
    citations: Any = Annotated[many[citation, ...], Field(min_length=1)]
    condition: Any = Literal[(*conditions, "")]
    part: Any = Literal[(*parts, "")]
    claim: Any = create_model(
        "DraftClaim",
        __base__=DraftClaim,
        citations=(citations, ...),
        condition=(condition, ""),
        part=(part, ""),
    )
    claims: Any = Annotated[many[claim, ...], Field(max_length=_MOST_CLAIMS)]
    made: type[Draft] = create_model("Draft", __base__=Draft, claims=(claims, ...))
    return made
