"""The claims that the gate is developed on, as rows for training: three sources in four train, the others choose."""

from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from radcite.core.sources import Language
from radcite.evals.datasets import Data, Row
from radcite.training.pairs.claim_rows import ClaimRow, Label
from radcite.training.units import Part

__all__ = ["gate_rows"]

_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_DEV_FROM = 192
# Kinds whose quote stands in its source; the other false ones are told by the place of the quote alone.
_KINDS: dict[str, Label] = {
    "verbatim": "supports",
    "partial": "supports",
    "paraphrase": "supports",
    "number": "refutes",
    "unit": "refutes",
    "negation": "refutes",
    "side": "refutes",
    "certainty": "not_enough",
    "population": "not_enough",
    "non_entailed": "not_enough",
}


class _Cited(Row):
    evidence: str
    quote: str


class _Claim(Row):
    text: str
    citations: tuple[_Cited, ...]


class _Item(Row):
    kind: str
    evidence: tuple[str, ...]
    claim: _Claim


def gate_rows(part: Part) -> list[ClaimRow]:
    """Rows of the development half alone, by the source of their quote; none for `held`."""
    folder = Data(Path(str(files("radcite.evals").joinpath("data/gate"))))
    found: list[ClaimRow] = []
    for language in _LANGUAGES:
        for name in ("true", "attacks"):
            for item in folder.rows(f"{language}/{name}_dev.jsonl", _Item):
                cited = item.claim.citations[0]
                place = int(cited.evidence.removeprefix("E")) - 1
                if item.kind not in _KINDS or place >= len(item.evidence):
                    continue
                unit = f"gate-{item.evidence[place]}"
                if _part(unit) == part:
                    label = _KINDS[item.kind]
                    found.append(
                        ClaimRow(
                            cited.quote, item.claim.text, label, language, unit, f"gate_{item.kind}"
                        )
                    )
    return found


def _part(unit: str) -> Part:
    return "train" if sha256(unit.encode()).digest()[0] < _DEV_FROM else "dev"
