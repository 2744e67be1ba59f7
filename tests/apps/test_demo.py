"""The demonstration: its files are what they say, and every question comes out as it should."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pydicom
import pytest

from radcite.apps.cli import main
from radcite.apps.configuration import load_settings
from radcite.apps.demo.dicom import FICTITIOUS_NAME, FICTITIOUS_PATIENT_ID, write_image
from radcite.apps.demo.documents import LIBRARY, set_document
from radcite.apps.demo.material import make_images, shipped_files, teaching_cases
from radcite.apps.demo.phantoms import phantom
from radcite.apps.demo.questions import QUESTIONS
from radcite.apps.demo.session import Answered, demonstrate
from radcite.core.claims import Abstention, Answer
from radcite.core.sources import Case
from radcite.ingestion.dicom.objects import read_dicom
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf
from radcite.ingestion.report import IngestReport


class Shown:
    """One run of the demonstration, and what it left behind."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.reports: list[IngestReport] = []
        self.answered: list[Answered] = asyncio.run(self._all())

    async def _all(self) -> list[Answered]:
        settings = load_settings({"home": self.home})
        folder = self.home / "demo"
        async with aclosing(demonstrate(settings, folder, self.reports.append)) as answers:
            return [one async for one in answers]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.chdir(home)
        yield Shown(home)


def test_every_file_is_taken(shown: Shown) -> None:
    report = shown.reports[0]
    assert not report.quarantined
    assert report.documents == len(LIBRARY)
    assert report.cases == len(teaching_cases()) + len(shipped_files()) + 2


def test_each_kind_is_asked_in_each_language() -> None:
    asked = {(one.task, one.language) for one in QUESTIONS if one.answerable}
    tasks = ("literature", "consultation", "caption", "diagnosis")
    assert asked == {(task, language) for task in tasks for language in ("en", "zh")}


def test_every_question_is_answered_or_declined_as_it_should_be(shown: Shown) -> None:
    assert [one.question for one in shown.answered] == list(QUESTIONS)
    for one in shown.answered:
        assert isinstance(one.outcome, Answer if one.question.answerable else Abstention)
        assert one.outcome.task == one.question.task
        assert one.outcome.language == one.question.language


def test_the_first_sentence_answers_the_question(shown: Shown) -> None:
    answers = [one.outcome for one in shown.answered if isinstance(one.outcome, Answer)]
    first = [answer.claims[0].text for answer in answers]
    expected = ("200 ml", "200", "x-ray is needed", "x线片", "effusion", "气胸", "mening", "骨折")
    for text, words in zip(first, expected, strict=True):
        assert words in text.lower()
    assert all(answer.claims[0].support == "supported" for answer in answers)


def test_what_is_said_of_an_image_is_said_of_similar_cases(shown: Shown) -> None:
    for one in shown.answered:
        if one.question.image is None or not isinstance(one.outcome, Answer):
            continue
        assert one.outcome.claims[0].about.startswith("case:demo-")
        assert not any(claim.about == "query_image" for claim in one.outcome.claims)
        cited = [item.source for item in one.outcome.evidence if isinstance(item.source, Case)]
        assert cited[0].body_part == one.question.image.partition("-")[0].upper()


def test_a_diagnosis_comes_with_a_differential_led_by_the_drawn_finding(shown: Shown) -> None:
    led = [
        one.outcome.differential[0].condition.display[one.question.language].lower()
        for one in shown.answered
        if isinstance(one.outcome, Answer) and one.outcome.differential
    ]
    assert led == ["meningioma", "骨折"]


def test_the_fictitious_patient_is_stored_nowhere(shown: Shown) -> None:
    latin, _, chinese = FICTITIOUS_NAME.partition("=")
    stored = [
        path
        for path in shown.home.rglob("*")
        if path.is_file() and not path.is_relative_to(shown.home / "demo")
    ]
    assert stored
    for path in stored:
        content = path.read_bytes()
        for trace in (latin, chinese, FICTITIOUS_PATIENT_ID):
            assert trace.encode() not in content, path.name


def test_a_phantom_is_the_same_for_the_same_seed_and_mirrored_by_side() -> None:
    right, left = (phantom("chest", "effusion", side, 7) for side in ("right", "left"))
    assert np.array_equal(right, phantom("chest", "effusion", "right", 7))
    assert right.dtype == np.uint8
    # The patient's right is at the viewer's left.
    lower = slice(210, 240)
    assert right[lower, 60:120].mean() > left[lower, 60:120].mean() + 60
    assert left[lower, 200:260].mean() > right[lower, 200:260].mean() + 30


def test_a_phantom_survives_being_written_as_dicom(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.dcm", "study", "brain", "mass", "right", 3)
    assert str(pydicom.dcmread(path).PatientName) == FICTITIOUS_NAME
    read = read_dicom(path, Limits())
    assert (read.modality, read.body_part, read.frames) == ("MR", "BRAIN", 1)
    assert read.pixels is not None
    drawn = phantom("brain", "mass", "right", 3).astype(int)
    assert np.abs(read.pixels.astype(int) - drawn).max() <= 1


def test_everything_says_that_it_is_demonstration_material(tmp_path: Path) -> None:
    listed, *studies = make_images(tmp_path)
    readme = (tmp_path / "README.txt").read_text("utf-8")
    assert "Demonstration material" in readme
    assert "演示材料" in readme
    for line in listed.read_text("utf-8").splitlines():
        assert "demonstration" in json.loads(line)["source"]
    for path in studies:
        assert "demonstration" in pydicom.dcmread(path).StudyDescription


@pytest.mark.parametrize("name", LIBRARY)
def test_a_text_of_the_library_is_a_pdf_of_two_pages_marked_as_such(
    name: str, tmp_path: Path
) -> None:
    from radcite.apps.demo import documents

    text = Path(documents.__file__).parent / "library" / f"{name}.txt"
    made = tmp_path / f"{name}.pdf"
    made.write_bytes(set_document(text, Limits()))
    read = read_pdf(made, Limits())
    assert len(read.title) > 6
    assert "Demonstration material" in read.text or "演示材料" in read.text
    assert made.stat().st_size < 1_000_000


def test_running_it_again_in_json_says_the_same_and_adds_nothing(
    shown: Shown, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*arguments: str) -> tuple[str, str]:
        with pytest.raises(SystemExit) as stop:
            main([*arguments, "--home", str(shown.home), "--json"])
        written = capsys.readouterr()
        assert stop.value.code == 0, written.err
        return written.out, written.err

    monkeypatch.chdir(shown.home)
    before, _ = told("index", "stats")
    lines, messages = told("demo")
    outcomes = [json.loads(line) for line in lines.splitlines()]
    assert {one["schema"] for one in outcomes} == {"radcite.outcome/1"}
    assert [one["question"] for one in outcomes] == [one.question.text for one in shown.answered]
    assert [one["kind"] for one in outcomes] == [one.outcome.kind for one in shown.answered]
    assert "first cited answer after" in messages
    assert told("index", "stats")[0] == before
