"""When what was found is too little to answer from: an absolute floor, calibrated per language.

Fused scores only order. Whether the best hit speaks of the question at all is judged by
signals that can be compared between questions: the raw cosine, and the share of the
question's idf weight that the hit's words hold.
"""

from collections.abc import Mapping, Sequence
from math import exp

from radcite.core.frozen import Frozen
from radcite.core.sources import Language
from radcite.tools.hits import Hit

__all__ = ["DEFAULT_FLOORS", "Floor", "Floors", "confidence", "stands"]


class Floor(Frozen):
    """A logistic score of cosine and coverage, and the least at which a hit is evidence."""

    intercept: float
    cosine: float
    coverage: float
    least: float


class Floors(Frozen):
    """One floor with a dense signal, one without."""

    dense: Floor
    sparse: Floor


# `radcite eval run calibrate-floor`: BioASQ, PubMedQA and MedQuAD (en), Toyhom, Huatuo and MedicalGPT (zh), half
# of the questions without their documents, none of them read in training; `least` lets 8 % of the hardest set's
# answerable questions fall below. In Chinese neither signal tells much (AUROC 0.60 and 0.57).
DEFAULT_FLOORS: Mapping[Language, Floors] = {
    "en": Floors(
        dense=Floor(intercept=-9.854, cosine=11.14, coverage=5.701, least=0.1528),
        sparse=Floor(intercept=-5.13, cosine=0, coverage=8.029, least=0.2527),
    ),
    "zh": Floors(
        dense=Floor(intercept=-1.245, cosine=2.209, coverage=1.815, least=0.3732),
        sparse=Floor(intercept=-0.6144, cosine=0, coverage=2.03, least=0.4151),
    ),
}


def confidence(hit: Hit, floors: Floors) -> float:
    """How surely a hit speaks of the question, in (0, 1)."""
    coverage = hit.coverage or 0.0
    if hit.cosine is None:
        return _logistic(floors.sparse.intercept + floors.sparse.coverage * coverage)
    dense = floors.dense
    return _logistic(dense.intercept + dense.cosine * hit.cosine + dense.coverage * coverage)


def stands(hits: Sequence[Hit], floors: Floors) -> bool:
    """Whether any hit reaches the floor."""
    return any(
        confidence(hit, floors) >= (floors.sparse if hit.cosine is None else floors.dense).least
        for hit in hits
    )


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-value))
