import json
from collections.abc import Callable
from pathlib import Path

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


def test_a_single_hidden_count_takes_the_next_smallest_with_it() -> None:
    assert suppressed({"a": 30, "b": 20, "c": 3}, 10, adds_up=True) == {
        "a": 30,
        "b": None,
        "c": None,
    }
    assert suppressed({"a": 30, "b": 20, "c": 3}, 10, adds_up=False)["b"] == 20
    assert suppressed({"a": 30, "b": 2, "c": 3}, 10, adds_up=True)["a"] == 30
