import json
from collections import defaultdict
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from radcite.apps.cohort import suppressed


def cases() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for label, patients in (("effusion", 12), ("nodule", 11), ("rare", 3)):
        for number in range(patients):
            base = {"patient_id": f"{label}-{number}", "report": f"{label} {number}."}
            # Two cases of one patient are one patient.
            for visit in ("a", "b"):
                labels = [label, "common"]
                case_id = f"{label}-{number}-{visit}"
                rows.append({**base, "case_id": case_id, "labels": labels, "diagnosis": label})
    return rows


def test_patients_are_counted_once_and_few_are_not_told(
    run: Callable[..., object], tmp_path: Path
) -> None:
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases())), "utf-8")
    run("ingest", "cases.jsonl")
    told = json.loads(run("cohort", "--json").stdout)  # pyright: ignore
    counts = {one["value"]: one["patients"] for one in told["counts"]}
    assert told["total"] == 26
    assert counts == {"common": 26, "effusion": 12, "nodule": 11, "rare": None}
    told = json.loads(run("cohort", "--by", "diagnosis", "--json").stdout)  # pyright: ignore
    counts = {one["value"]: one["patients"] for one in told["counts"]}
    assert counts == {"effusion": 12, "nodule": None, "rare": None}
    assert "hidden" in run("cohort", "--by", "diagnosis").stdout  # pyright: ignore


def test_a_label_that_nearly_all_have_does_not_tell_how_few_have_it_not(
    run: Callable[..., object], tmp_path: Path
) -> None:
    rows = [
        {"case_id": f"c{i}", "patient_id": f"p{i}", "labels": ["embolism"] if i < 57 else []}
        for i in range(60)
    ]
    base = {"schema": "radcite.case/1", "language": "en", "report": "A chest film."}
    (tmp_path / "cases.jsonl").write_text(
        "\n".join(json.dumps({**base, **row}) for row in rows), "utf-8"
    )
    run("ingest", "cases.jsonl")
    told = json.loads(run("cohort", "--json").stdout)  # pyright: ignore
    counts = {one["value"]: one["patients"] for one in told["counts"]}
    assert (told["total"], counts) == (60, {"embolism": None, "not recorded": None})


def test_a_single_hidden_count_takes_the_next_smallest_with_it() -> None:
    assert suppressed({"a": 30, "b": 20, "c": 3}, 10, adds_up=True) == {
        "a": 30,
        "b": None,
        "c": None,
    }
    assert suppressed({"a": 30, "b": 20, "c": 3}, 10, adds_up=False)["b"] == 20
    assert suppressed({"a": 30, "b": 6, "c": 7}, 10, adds_up=True)["a"] == 30


@pytest.mark.parametrize("few", [{"MR": 1, "US": 1}, {"MR": 2, "US": 3}, {"MR": 9, "US": 9}])
def test_hidden_counts_that_their_sum_gives_away_take_others_with_them(few: dict[str, int]) -> None:
    told = suppressed({"CT": 50, "XR": 80, **few}, 10, adds_up=True)
    assert told == {"CT": None, "XR": 80, "MR": None, "US": None}


@pytest.mark.parametrize("least", [2, 3, 4])
def test_who_knows_the_rule_and_the_total_finds_no_hidden_count_below_the_least(least: int) -> None:
    possible: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for counts in product(range(1, 3 * least), repeat=3):
        told = suppressed(dict(zip("abc", counts, strict=True)), least, adds_up=True)
        if any(told.values()):
            possible[*told.values(), sum(counts)].append(counts)
    assert possible
    for told, worlds in possible.items():
        for place in range(3):
            alike = {world[place] for world in worlds}
            assert len(alike) > 1 or alike.pop() >= least, (told, worlds)


def test_a_total_that_gives_all_counts_away_is_not_told(
    run: Callable[..., object], tmp_path: Path
) -> None:
    rows = [
        {"case_id": f"{number}", "patient_id": f"{number}", "report": "x", "modality": modality}
        for number, modality in enumerate(["CT", "MR", "US"])
    ]
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    run("ingest", "cases.jsonl")
    flags = ("cohort", "--by", "modality", "--least")
    told = json.loads(run(*flags, "3", "--json").stdout)  # pyright: ignore
    assert (told["total"], {one["patients"] for one in told["counts"]}) == (None, {None})
    assert "hidden" in run(*flags, "3").stdout.splitlines()[-2]  # pyright: ignore
