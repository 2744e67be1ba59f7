"""When what was found is too little to answer from: absolute floors, calibrated per language.

Fused scores only order. Whether a hit speaks of the query at all is judged by signals that can be
compared between queries: the raw cosine, the share of the query's idf weight that the hit's words
hold, and the share of the subjects the query names that the hit names too, in either language.
"""

from collections.abc import Mapping, Sequence
from math import exp

from radcite.core.frozen import Frozen
from radcite.core.language import detect_language
from radcite.core.sources import Case, Language, Passage
from radcite.tools.hits import Hit
from radcite.tools.knowledge.concepts import share_named

__all__ = ["DEFAULT_FLOORS", "Floor", "Floors", "confidence", "standing"]


class Floor(Frozen):
    """A logistic score of a hit's signals, and the least at which it is evidence.

    `unnamed` stands for the share of subjects named where the query names none.
    """

    intercept: float
    cosine: float = 0.0
    coverage: float = 0.0
    named: float = 0.0
    unnamed: float = 0.0
    least: float


class Floors(Frozen):
    """The floors of queries in one language.

    `dense` is for texts in that language, `across` for those in another; `sparse` is for a query that no
    text encoder reads; `told` is for the names of terms, when the question was asked in another language; `cases`
    is for descriptions of patients, which share fewer words with a long query than an answer with its question.
    """

    dense: Floor
    across: Floor
    told: Floor
    sparse: Floor
    cases: Floor


# `radcite eval run calibrate-floor`: BioASQ, PubMedQA and MedQuAD (en), and Toyhom by department (zh), half of the
# questions without what answers them, none of them read in training. `calibrate-cases`: ROCO's captions by the part
# of the body, Toyhom's patients by department.
# An English question is never compared with Chinese texts by the carried encoders: its floor across is unfitted.
_ENGLISH = Floor(intercept=-9.854, cosine=11.14, coverage=5.701, least=0.1528)
DEFAULT_FLOORS: Mapping[Language, Floors] = {
    "en": Floors(
        dense=_ENGLISH,
        across=_ENGLISH,
        told=Floor(intercept=-7.494, cosine=7.121, named=4.121, unnamed=0.4385, least=0.3794),
        sparse=Floor(intercept=-5.13, coverage=8.029, least=0.2527),
        cases=Floor(intercept=-11.77, cosine=22.85, least=0.2445),
    ),
    "zh": Floors(
        dense=Floor(
            intercept=-7.655, cosine=18.36, coverage=2.481, named=2.459, unnamed=0.515, least=0.248
        ),
        across=Floor(intercept=-2.423, cosine=6.821, named=0.1815, unnamed=0.4298, least=0.1789),
        told=Floor(intercept=-5.278, cosine=11.62, named=-0.031, unnamed=0.6088, least=0.4352),
        sparse=Floor(intercept=-2.662, coverage=7.123, named=1.38, unnamed=0.4501, least=0.2928),
        cases=Floor(intercept=-5.538, cosine=20.75, least=0.223),
    ),
}


def standing(
    hits: Sequence[Hit], query: str, asked_in: Language, floors: Mapping[Language, Floors]
) -> list[Hit]:
    """The hits that speak of their query; those found by an image alone are not judged by words.

    Terms told in the other language are to find that language's texts: those in the question's own are found, and
    judged, by the question itself.

    Args:
        hits: Of one search of the literature or of cases.
        query: What was searched.
        asked_in: The language of the question behind it.
        floors: By the query's language.
    """
    language = detect_language(query)
    return [hit for hit in hits if _stands(hit, query, language, asked_in, floors[language])]


def _stands(hit: Hit, query: str, language: Language, asked_in: Language, floors: Floors) -> bool:
    if hit.coverage is None:
        return True
    source = hit.source
    own = not isinstance(source, Passage | Case) or source.language == language
    if language == asked_in:
        near = floors.dense if own else floors.across
    elif own:
        near = floors.told
    else:
        return False
    if isinstance(source, Case) and own:
        # Words alone tell too little of how alike two patients are: without an encoder any case stands.
        return hit.cosine is None or confidence(hit, query, floors.cases) >= floors.cases.least
    floor = floors.sparse if hit.cosine is None else near
    return confidence(hit, query, floor) >= floor.least


def confidence(hit: Hit, query: str, floor: Floor) -> float:
    """How surely a hit speaks of its query, in [0, 1]; not at all where it names none of the query's subjects."""
    named = share_named(query, detect_language(query), _words(hit)) if floor.named else None
    if named == 0.0:
        return 0.0
    score = (
        floor.intercept
        + floor.cosine * (hit.cosine or 0.0)
        + floor.coverage * (hit.coverage or 0.0)
        + floor.named * (floor.unnamed if named is None else named)
    )
    return 1 / (1 + exp(-score))


def _words(hit: Hit) -> str:
    source = hit.source
    return f"{source.title}\n{source.text}" if isinstance(source, Passage) else ""
