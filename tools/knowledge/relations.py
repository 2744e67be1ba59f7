"""Relations that a source states in so many words: a finding and a disease, a disease and what is done next.

Each is cited by its own sentence. Those of the file stand in MedQuAD (CC BY 4.0, NIH documents): picked by patterns of
words between a document's own disease and another term of the term file, and read through by hand.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from radcite.core.frozen import Frozen
from radcite.core.language import detect_language
from radcite.core.sources import Term
from radcite.tools.hits import Hit
from radcite.tools.knowledge.concepts import concepts_in

__all__ = [
    "KnowledgeRequest",
    "Relation",
    "load_relations",
    "look_up",
    "next_steps",
    "relation_of",
    "terms_named",
]

Kind = Literal["finding", "next_step"]
_ENCODER = "terms"
_PER_DISEASE = 3


class KnowledgeRequest(Frozen):
    """What sources state of the diseases named in the words, and of the findings named there if `findings`."""

    tool: Literal["knowledge_lookup"] = "knowledge_lookup"
    query: str = Field(min_length=2)
    findings: bool = False
    collection: str = "default"
    limit: int = Field(default=6, ge=1, le=20)


class Relation(Frozen):
    """`finding`: the subject is a sign of the disease `object`. `next_step`: it is a disease, the object what is done.

    Both are terms of the term file; `quote` is the source's own sentence.
    """

    relation_id: str
    kind: Kind
    subject: str
    object: str
    document_id: str
    source_url: str
    quote: str

    def term(self) -> Term:
        """The relation as a source that can be cited."""
        return Term(
            term_id=self.relation_id,
            document_id=self.document_id,
            quote=self.quote,
            source_url=self.source_url,
        )


@lru_cache(maxsize=1)
def load_relations() -> tuple[Relation, ...]:
    """Every relation of the file."""
    text = files("radcite.tools.knowledge").joinpath("relations.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines()[1:])
    names = ("relation_id", "kind", "subject", "object", "document_id", "source_url", "quote")
    return tuple(Relation.model_validate(dict(zip(names, row, strict=True))) for row in rows)


def relation_of(source: Term) -> Relation | None:
    """The relation that a cited source is; None for another term."""
    return next((one for one in load_relations() if one.relation_id == source.term_id), None)


def terms_named(text: str) -> tuple[str, ...]:
    """Ids of the terms that a text names, in their order."""
    return tuple(one.term_id for one in concepts_in(text, detect_language(text)))


def next_steps(diseases: Iterable[str], limit: int = 6) -> tuple[Hit, ...]:
    """What is done next for diseases, by their term ids: a few of each, a sentence once."""
    steps = [one for one in load_relations() if one.kind == "next_step"]
    return _hits(
        [
            one
            for disease in diseases
            for one in _distinct(one for one in steps if one.subject == disease)[:_PER_DISEASE]
        ],
        limit,
    )


async def look_up(request: KnowledgeRequest, /) -> Sequence[Hit]:
    """Relations of what the words name: next steps of its diseases, then diseases of its findings."""
    named = terms_named(request.query)
    steps = [one for one in load_relations() if one.kind == "next_step" and one.subject in named]
    signs = [
        one
        for one in load_relations()
        if one.kind == "finding"
        and (one.object in named or request.findings)
        and one.subject in named
    ]
    # What names both, the finding and the disease, tells most; then diseases by how many named findings they share.
    shared = Counter(one.object for one in signs)
    signs.sort(key=lambda one: (one.object not in named, -shared[one.object]))
    return _hits([*_distinct(signs)[:_PER_DISEASE], *_distinct(steps)], request.limit)


def _distinct(relations: Iterable[Relation]) -> list[Relation]:
    first: dict[str, Relation] = {}
    for one in relations:
        first.setdefault(one.quote, one)
    return list(first.values())


def _hits(relations: Sequence[Relation], limit: int) -> tuple[Hit, ...]:
    return tuple(
        Hit(one.term(), rank, 1 / rank, None, None, _ENCODER)
        for rank, one in enumerate(_distinct(relations)[:limit], 1)
    )
