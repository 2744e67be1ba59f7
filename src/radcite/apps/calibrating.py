"""The differential's set, calibrated on the site's own labelled cases."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from radcite.apps.reviewing import moment
from radcite.core.conformal import Calibration, RiskPoint, fitted, in_set, risk_coverage
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.question import Question
from radcite.core.sources import Case

if TYPE_CHECKING:
    from radcite.apps.wiring import House

__all__ = ["Calibrated", "calibrate", "calibrations_of", "risk_picture"]

_FEWEST = 20
_SAMPLE = 5_000
_Labelled = tuple[str, dict[str, float], str]
"""A case's patient or own id, its candidates' shares, and the code of its true condition."""


class Calibrated(Frozen):
    """The calibration, and how one fitted on half of the patients held on the other half.

    `covered` is the share of held-out cases whose true condition was in the set, `set_size` the mean number of
    conditions in it, `candidate` the share of all cases whose true condition was a candidate at all.
    """

    calibration: Calibration
    held_out: int
    covered: float
    set_size: float
    candidate: float
    curve: tuple[RiskPoint, ...]


async def calibrate(house: "House", collection: str, coverage: float, seed: int = 0) -> Calibrated:
    """Ask about every stored case with an image and a diagnosis, itself and its patient kept out.

    Raises:
        RadciteError: `VALIDATION` for a collection with fewer than twenty such cases.
    """
    labelled = await _labelled(house, collection)
    if len(labelled) < _FEWEST:
        count = f"{len(labelled)} < {_FEWEST}"
        raise RadciteError(
            "VALIDATION",
            f"cases with an image and a diagnosis: {count}",
            f"有图像且有诊断的病例：{count}",
        )
    fit, held = _halves(labelled, seed)
    least = fitted([shares.get(true) for _, shares, true in fit], coverage)
    sets = [[c for c, share in shares.items() if in_set(share, least)] for _, shares, _ in held]
    covered = [true in kept for kept, (_, _, true) in zip(sets, held, strict=True)]
    made = Calibration(
        collection=collection,
        coverage=coverage,
        least=fitted([shares.get(true) for _, shares, true in labelled], coverage),
        cases=len(labelled),
        encoder=house.image_encoder.fingerprint,
        at=moment(),
    )
    _file(house.home, collection).write_text(made.model_dump_json(), "utf-8")
    return Calibrated(
        calibration=made,
        held_out=len(held),
        covered=sum(covered) / len(held),
        set_size=sum(map(len, sets)) / len(held),
        candidate=sum(true in shares for _, shares, true in labelled) / len(labelled),
        curve=risk_coverage([(shares, true) for _, shares, true in held]),
    )


def calibrations_of(house: "House") -> dict[str, Calibration]:
    """By collection, the calibrations of a data folder that were fitted with the image encoder in use."""
    found: dict[str, Calibration] = {}
    for path in sorted(house.home.glob("calibration-*.json")):
        try:
            made = Calibration.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue
        if made.encoder == house.image_encoder.fingerprint:
            found[made.collection] = made
    return found


def risk_picture(curve: Sequence[RiskPoint]) -> str:
    """The risk–coverage curve as SVG."""
    line = " ".join(f"{40 + 320 * p.answered:.1f},{220 - 200 * p.risk:.1f}" for p in curve)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="380" height="260" font-family="sans-serif" font-size="11">'
        '<rect width="380" height="260" fill="white"/>'
        '<path d="M40 20V220H360" fill="none" stroke="black"/>'
        f'<polyline points="{line}" fill="none" stroke="#1f5fbf" stroke-width="2"/>'
        '<text x="200" y="250" text-anchor="middle">answered / 作答比例 (0–1)</text>'
        '<text x="14" y="120" text-anchor="middle" transform="rotate(-90 14 120)">risk / 错误率 (0–1)</text></svg>\n'
    )


async def _labelled(house: "House", collection: str) -> list[_Labelled]:
    from radcite.agent.candidates import candidates
    from radcite.agent.differential import condition_of
    from radcite.apps.asking import parts_of

    points = await house.ledger.image_points(collection, _SAMPLE)
    sources = await house.ledger.resolve(collection, [point.id for point in points])
    cases = {
        one.case_id: one
        for _, one in sources
        if isinstance(one, Case) and one.images and one.diagnosis
    }
    parts = replace(parts_of(house), chat=None)
    found: list[_Labelled] = []
    for case in cases.values():
        question = Question(
            text="",
            images=tuple(image.digest for image in case.images[:1]),
            patient=case.patient,
            task="diagnosis",
            collection=collection,
        )
        items = await candidates(question, parts)
        shares = {item.condition.code: item.probability for item in items}
        found.append(
            (case.patient or case.case_id, shares, condition_of(case.diagnosis or "").code)
        )
    return found


def _halves(labelled: Sequence[_Labelled], seed: int) -> tuple[list[_Labelled], list[_Labelled]]:
    """The cases of one half of the patients, and of the other."""
    patients = sorted({patient for patient, _, _ in labelled})
    random.Random(seed).shuffle(patients)  # noqa: S311 - a sample, no secret
    first = set(patients[: len(patients) // 2])
    fit = [one for one in labelled if one[0] in first]
    return fit, [one for one in labelled if one[0] not in first]


def _file(home: Path, collection: str) -> Path:
    from hashlib import sha256

    return home / f"calibration-{sha256(collection.encode()).hexdigest()[:16]}.json"
