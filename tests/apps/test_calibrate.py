"""The site's own labelled cases say how far the differential's set can be relied on, and answers then carry it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Run = Callable[..., Any]
DIAGNOSES = ("pneumothorax", "cardiomegaly")


def drawn(path: Path, kind: int, seed: int) -> None:
    """Stripes for one diagnosis and a disc for the other, in noise."""
    noise = np.random.default_rng(seed).normal(0, 12, (96, 96))
    y, x = np.mgrid[:96, :96]
    shape = 120 * ((x // 8) % 2) if kind else 160 * ((x - 48) ** 2 + (y - 48) ** 2 < 700)
    Image.fromarray(np.clip(60 + shape + noise, 0, 255).astype(np.uint8)).save(path)


def collect(folder: Path, count: int) -> None:
    cases = []
    for number in range(count):
        drawn(folder / f"{number}.png", number % 2, number)
        cases.append(
            {
                "case_id": f"c{number}",
                "patient_id": f"p{number}",
                "images": [f"{number}.png"],
                "report": f"Finding {number}.",
                "diagnosis": DIAGNOSES[number % 2],
            }
        )
    (folder / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)), "utf-8")


def test_a_calibrated_differential_says_which_conditions_are_in_the_set(
    tmp_path: Path, run: Run
) -> None:
    collect(tmp_path, 24)
    run("ingest", "cases.jsonl", "--json")
    drawn(tmp_path / "asked.png", 1, 99)
    asked = ("ask", "What is the diagnosis?", "--image", "asked.png", "--json")
    before = json.loads(run(*asked).stdout)["differential"]
    assert {item["in_conformal_set"] for item in before} == {None}
    told = json.loads(run("calibrate", "--coverage", "0.8", "--picture", "c.svg", "--json").stdout)
    assert told["calibration"]["cases"] == 24
    assert told["held_out"] == 12
    assert told["covered"] >= 0.8
    assert told["curve"][-1]["answered"] == 1.0
    assert (tmp_path / "c.svg").read_text("utf-8").startswith("<svg")
    after = json.loads(run(*asked).stdout)["differential"]
    least = told["calibration"]["least"]
    assert [item["in_conformal_set"] for item in after] == [
        item["probability"] >= least for item in after
    ]
    assert "asked 80%" in run("calibrate", "--coverage", "0.8").stdout


def test_too_few_labelled_cases_are_refused(tmp_path: Path, run: Run) -> None:
    collect(tmp_path, 4)
    run("ingest", "cases.jsonl", "--json")
    refused = json.loads(run("calibrate", "--json", code=2).stdout)
    assert (refused["code"], refused["detail"]["en"][-6:]) == ("VALIDATION", "4 < 20")
