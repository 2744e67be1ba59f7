"""What the task on identifiers counts."""

import io
import tarfile
from pathlib import Path

from radcite.evals.deid_names import deid_names
from radcite.evals.registry import TASKS
from tests.evals.scene import Told
from tests.evals.test_safety_tasks import mean


def reports(folder: Path) -> None:
    """An archive as Open-i publishes it, with words written for this test."""
    place = folder / "text/iu_xray_reports_NC-ND_verbatim"
    place.mkdir(parents=True)
    said = b'<x><AbstractText Label="FINDINGS">Mr Ofosu &amp; clear lungs.</AbstractText></x>'
    with tarfile.open(place / "NLMCXR_reports.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("ecgen-radiology/1.xml")
        member.size = len(said)
        archive.addfile(member, io.BytesIO(said))


async def test_names_are_found_and_words_of_medicine_stay(tmp_path: Path) -> None:
    reports(tmp_path)
    measured = await deid_names(Told().context(tmp_path, tmp_path))
    assert mean(measured.scores, "words of published reports", "over-redacted") == 0.25
    assert mean(measured.scores, "published reports", "held") == 0
    assert mean(measured.scores, "NAME, en", "recall") >= 0.9
    assert mean(measured.scores, "NAME, zh", "recall") >= 0.9
    assert mean(measured.scores, "NAME, all", "found or held") >= mean(
        measured.scores, "NAME, all", "recall"
    )
    assert mean(measured.scores, "other words, all", "over-redacted") <= 0.01
    assert mean(measured.scores, "notes, all", "held") <= 0.1
    assert TASKS["deid-names"].version == 1
