"""How well the rules read the fourteen labels of chest reports that were labelled by hand.

`evals/data/chest_labels/iu.jsonl` holds labels and digests; the reports' words stay in the data folder, as their
licence asks. The first 210 were read before the rules were written, the second 110 after, and no rule was changed for
them. One reader labelled all of them, the one who wrote the rules.
"""

import tarfile
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data, Row
from radcite.evals.metrics.chest_labels import LABELS, NO_FINDING, chest_labels
from radcite.evals.metrics.probabilities import row_of_statistic
from radcite.evals.results import Row as TableRow
from radcite.evals.task import Context, Measured

__all__ = ["chest_reports"]

_ARCHIVE = "text/iu_xray_reports_NC-ND_verbatim/NLMCXR_reports.tgz"
_DEVICES = "Support Devices"
_GROUPS = {
    "read after the rules": {"second", "third"},
    "second set": {"second"},
    "third set": {"third"},
    "first set": {"first"},
}
_Counts = NDArray[np.int64]


class _Labelled(Row):
    id: str
    set: Literal["first", "second", "third"]
    sha256: str
    positive: frozenset[str]
    uncertain: frozenset[str]

    @property
    def stated(self) -> frozenset[str]:
        """What is stated or suspected; `No Finding` where nothing but devices is."""
        stated = self.positive | self.uncertain
        return stated if stated - {_DEVICES} else stated | {NO_FINDING}


async def chest_reports(context: Context) -> Measured:
    """F1 of each label and of all together, on the reports read before and after the rules were written."""
    folder = Path(str(files("radcite.evals").joinpath("data/chest_labels")))
    rows = Data(folder, context.data.digests).rows("iu.jsonl", _Labelled)
    words = dict(_reports(context.data.file(_ARCHIVE), {row.id for row in rows}))
    found: list[TableRow] = []
    for name, sets in _GROUPS.items():
        some = context.limited([row for row in rows if row.set in sets])
        counts = np.array([_counted(row, words) for row in some])
        for label in ("all labels", *LABELS):
            places = range(len(LABELS)) if label == "all labels" else [LABELS.index(label)]
            row = _row(f"rules, {name}", label, counts[:, list(places)].sum(axis=1), some)
            found += [row] if row else []
    notes = (
        "F1 of what is stated or suspected.",
        "The second and third set were read after the rules were written, and changed none: they are the honest ones.",
        "Who wrote the rules labelled the first two sets, another reader the third; no radiologist did.",
    )
    return Measured((), notes, rows=found)


def _row(system: str, label: str, counts: _Counts, some: Sequence[_Labelled]) -> TableRow | None:
    def f1(places: _Counts) -> float | None:
        right, extra, missed = counts[places].sum(axis=0)
        return float(2 * right / (2 * right + extra + missed)) if right + missed else None

    telling = int((counts.sum(axis=1) > 0).sum())
    return row_of_statistic(
        system, f"F1, {label}", f1, [row.id for row in some], telling=telling or None
    )


def _counted(row: _Labelled, words: Mapping[str, str]) -> list[tuple[int, int, int]]:
    """For each label: found rightly, found wrongly, missed."""
    report = words.get(row.id, "")
    if sha256(report.encode()).hexdigest() != row.sha256:
        raise RadciteError("RECORD_INVALID", f"report {row.id} is another than was labelled")
    said = {label for label, state in chest_labels(report).items() if state != "absent"}
    return [
        (
            int(label in said and label in row.stated),
            int(label in said and label not in row.stated),
            int(label not in said and label in row.stated),
        )
        for label in LABELS
    ]


def _reports(archive: Path, wanted: set[str]) -> Iterator[tuple[str, str]]:
    """Findings and impression of the reports, by their ids."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    with tarfile.open(archive) as opened:
        for member in opened:
            key = f"CXR{Path(member.name).stem}"
            if key not in wanted or (content := opened.extractfile(member)) is None:
                continue
            tree = etree.parse(content, parser)
            parts = {
                part.get("Label"): (part.text or "").strip() for part in tree.iter("AbstractText")
            }
            yield key, " ".join(filter(None, (parts.get("FINDINGS"), parts.get("IMPRESSION"))))
