from pathlib import Path

import pytest

from radcite.core.errors import RadciteError
from radcite.evals.comparison import compare_reports, differing_data, read_report
from radcite.evals.results import Goal, Provenance, Report, Scores, contrast, row_of
from radcite.evals.sheet import Sheet


def scores(system: str, *values: float) -> Scores:
    ids = tuple(f"q{i}" for i in range(len(values)))
    return Scores(system=system, metric="hit", ids=ids, clusters=ids, values=values)


def report(*listed: Scores, task: str = "t") -> Report:
    return Report(
        task=task,
        version=1,
        unit="question",
        rows=tuple(map(row_of, listed)),
        contrasts=(),
        notes=(),
        provenance=Provenance(data={}, versions={}, fingerprints={}, options={}),
        seconds=0,
        scores=listed,
    )


def test_a_row_says_whether_its_goal_is_met():
    goals = (Goal(system="a", metric="hit", bound="least", value=0.6),)
    assert row_of(scores("a", 1, 1, 0), goals).met is True
    assert row_of(scores("a", 1, 0, 0), goals).met is False
    assert row_of(scores("b", 1, 0, 0), goals).met is None


def test_a_contrast_uses_only_the_items_that_both_have_scored():
    found = contrast(scores("a", 1, 1, 0, 0), scores("b", 0, 1))
    assert (found.n, found.difference) == (2, 0.5)


def test_systems_without_a_common_item_are_not_compared():
    other = Scores(system="b", metric="hit", ids=("x",), clusters=("x",), values=(1.0,))
    with pytest.raises(RadciteError, match="VALIDATION"):
        contrast(scores("a", 1), other)


def test_a_sheet_keeps_systems_in_order_and_items_as_their_own_clusters():
    sheet = Sheet()
    sheet.add("b", "hit", "q1", True)
    sheet.add("a", "hit", "q1", False, "doc")
    assert [(one.system, one.clusters) for one in sheet.scores()] == [
        ("b", ("q1",)),
        ("a", ("doc",)),
    ]


def test_a_kept_report_is_read_back_as_it_was(tmp_path: Path):
    made = report(scores("a", 1, 0))
    path = tmp_path / "t.json"
    path.write_text(made.model_dump_json(by_alias=True), "utf-8")
    assert read_report(path) == made


def test_two_runs_are_compared_with_holms_correction():
    one = report(scores("a", *[1] * 40), scores("b", *[0, 1] * 20))
    other = report(scores("a", *[0] * 40), scores("b", *[1, 0] * 20))
    better, same = compare_reports(one, other)
    assert (better.difference, same.difference) == (1, 0)
    assert (better.family, same.family) == (True, False)
    assert better.p == pytest.approx(2 / 2**40)
    assert same.p > 0.5


def test_baselines_and_costs_make_no_gain_less_sure():
    ours, baseline = scores("a", *[1] * 20), scores("b", *[0] * 20)
    cost = Scores(**{**ours.model_dump(), "metric": "seconds"})
    other = report(scores("a", *[0] * 20), baseline, cost)
    (better, *rest) = compare_reports(report(ours, baseline, cost), other)
    assert better.p == pytest.approx(2 / 2**20)
    assert not any(found.family for found in rest)


def test_files_that_were_not_the_same_are_named():
    one, other = report(scores("a", 1)), report(scores("a", 1))
    data = {"x": "1", "y": "2"}
    one = one.model_copy(update={"provenance": one.provenance.model_copy(update={"data": data})})
    data = {"x": "1", "y": "3"}
    other = other.model_copy(
        update={"provenance": one.provenance.model_copy(update={"data": data})}
    )
    assert differing_data(one, other) == ("y",)


def test_reports_of_different_tasks_are_not_compared():
    with pytest.raises(RadciteError, match="VALIDATION"):
        compare_reports(report(scores("a", 1)), report(scores("a", 1), task="u"))


def test_a_file_that_is_no_report_is_refused(tmp_path: Path):
    path = tmp_path / "t.json"
    path.write_text("{}", "utf-8")
    with pytest.raises(RadciteError, match="RECORD_INVALID"):
        read_report(path)
