import csv
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
import rispy

from radcite.apps.batching.citing import cited_works, write_list
from radcite.apps.batching.comparing import Change, compare_results, sampled
from radcite.apps.batching.dossier import write_dossiers
from radcite.apps.batching.results import Failure, Made, ResultLine
from radcite.core.errors import RadciteError
from tests.apps.outcomes import abstained, answered

MADE = Made(radcite="0.1.0", model="one", parts={"text": "e1"}, collection="c: 2 documents")


def line(name: str, outcome: object, **options: object) -> ResultLine:
    return ResultLine(id=name, question=f"Is it {name}?", outcome=outcome, **options)


LINES = [
    line("q1", answered("lung")),
    line("q2", answered("lung", words="=HYPERLINK(1) is a formula.")),
    line("q3", abstained()),
    line("q4", None, error=Failure(code="TIMEOUT", message="m")),
]


def written(how: str) -> str:
    out = StringIO()
    write_list(LINES, how, out)
    return out.getvalue()


def test_a_table_has_no_blank_for_what_is_not_known() -> None:
    rows = list(csv.DictReader(StringIO(written("csv"))))
    assert [row["status"] for row in rows] == [
        "reported",
        "reported",
        "not reported",
        "failed: TIMEOUT",
    ]
    assert rows[0]["doi"] == "10.1/lung"
    assert rows[0]["pmid"] == rows[0]["page"] == "not recorded"
    assert all(cell for row in rows for cell in row.values())


def test_a_spreadsheet_runs_nothing_that_a_source_says() -> None:
    rows = list(csv.DictReader(StringIO(written("csv"))))
    assert rows[1]["quote"] == "'=HYPERLINK(1) is a formula."


def test_reference_managers_get_every_cited_work_once_and_no_other() -> None:
    assert [work.document_id for work in cited_works(LINES)] == ["lung"]
    assert "doi = {10.1/lung}" in written("bibtex")
    records = rispy.loads(written("ris"))
    assert [record["doi"] for record in records] == ["10.1/lung"]


def test_references_name_the_authors() -> None:
    answer = answered("lung")
    evidence = tuple(
        item.model_copy(
            update={"source": item.source.model_copy(update={"authors": ("Li Hua", "Roe J}")})}
        )
        for item in answer.evidence
    )
    named = line("q", answer.model_copy(update={"evidence": evidence}))
    out = StringIO()
    write_list([named], "bibtex", out)
    assert "author = {Li Hua and Roe J}" in out.getvalue()
    out = StringIO()
    write_list([named], "ris", out)
    assert rispy.loads(out.getvalue())[0]["authors"] == ["Li Hua", "Roe J"]


def test_what_holds_no_results_is_not_taken_for_none(tmp_path: Path) -> None:
    results, page = tmp_path / "a.jsonl", tmp_path / "page.html"
    results.write_text(LINES[0].text() + LINES[1].text()[:50], "utf-8")
    assert [change.kind for change in compare_results(results, results)] == []
    page.write_text("<html>\n</html>\n", "utf-8")
    with pytest.raises(RadciteError, match="RECORD_INVALID: page.html: line 1"):
        list(compare_results(results, page))


def test_a_title_cannot_end_its_record() -> None:
    out = StringIO()
    hostile = line("q", answered("x", title="A}\n\n@article{evil,\nER  - \nTY  - BOOK"))
    write_list([hostile], "ris", out)
    assert len(rispy.loads(out.getvalue())) == 1
    out = StringIO()
    write_list([hostile], "bibtex", out)
    assert out.getvalue().count("@article{") == 1


@pytest.mark.parametrize("how", ["markdown", "html"])
def test_each_question_has_its_page_with_quotes_and_works(tmp_path: Path, how: str) -> None:
    assert write_dossiers(LINES, how, tmp_path) == 4
    suffix = {"markdown": "md", "html": "html"}[how]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [*(f"0000{i}.{suffix}" for i in range(1, 5)), f"index.{suffix}"]
    first = (tmp_path / f"00001.{suffix}").read_text("utf-8")
    assert "lung is so." in first
    assert "doi:10.1/lung" in first
    assert "not reported" in (tmp_path / f"00003.{suffix}").read_text("utf-8")
    assert "failed: TIMEOUT" in (tmp_path / f"index.{suffix}").read_text("utf-8")


def test_a_page_runs_nothing_that_a_question_says(tmp_path: Path) -> None:
    hostile = ResultLine(id="<i>", question="<script>alert(1)</script>", outcome=abstained())
    write_dossiers([hostile], "html", tmp_path)
    assert "<script>" not in (tmp_path / "00001.html").read_text("utf-8")
    assert "<script>" not in (tmp_path / "index.html").read_text("utf-8")


def write(path: Path, *lines: ResultLine) -> Path:
    path.write_text("".join(one.text() for one in lines), "utf-8")
    return path


def test_a_diff_tells_what_changed_and_why(tmp_path: Path) -> None:
    other = MADE.model_copy(update={"model": "two", "prompts": ("answer.v2.en",)})
    one = write(
        tmp_path / "one",
        line("a", answered("a"), made=MADE),
        line("b", answered("b"), made=MADE),
        line("c", answered("c"), made=MADE),
        line("gone", abstained()),
    )
    two = write(
        tmp_path / "two",
        line("a", answered("a"), made=other),
        line("b", abstained(), made=MADE),
        line("c", answered("c", words="c is not so."), made=other),
        line("new", abstained()),
    )
    changes = {change.id: change for change in compare_results(one, two)}
    assert {name: change.kind for name, change in changes.items()} == {
        "b": "abstained",
        "c": "changed",
        "gone": "removed",
        "new": "added",
    }
    assert changes["c"].why == ("evidence", "prompt", "model")
    assert (changes["c"].gone, changes["c"].new) == (("c is so.",), ("c is not so.",))
    assert changes["c"].sources_gone == ("c [0-8]",)
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        list(compare_results(one, tmp_path / "none"))


def test_a_sample_of_changes_holds_a_few_of_each_reason() -> None:
    reasons: tuple[tuple[str, ...], ...] = (("evidence",), ("prompt",), ())
    changes = [Change(id=f"{n:02}", kind="changed", why=reasons[n % 3]) for n in range(30)]
    found = sampled(changes, 2)
    assert [change.id for change in found] == sorted(change.id for change in found)
    assert Counter(change.why for change in found) == dict.fromkeys(reasons, 2)
    assert found == sampled(changes, 2)
    assert sampled(changes, 99) == changes
