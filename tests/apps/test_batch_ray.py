"""A batch answered by the actors of a Ray cluster on this machine. `make test-extras`."""

import importlib.util
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from radcite.apps.batching.results import read_results
from radcite.apps.cli import main

pytestmark = [
    pytest.mark.extras,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="no ray"),
    # Ray's own: deprecations at import, sockets of its daemons.
    pytest.mark.filterwarnings("ignore"),
]

PASSAGES = [
    ("effusion", "About 200 mL of pleural fluid blunts the costophrenic angle on an upright film."),
    ("hernia", "A large hiatal hernia shows as a retrocardiac mass with an air-fluid level."),
    ("nodule", "A solid nodule below 6 mm in a patient at low risk needs no routine follow-up."),
]


@pytest.fixture
def cluster() -> Iterator[Any]:
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    ray.init(num_cpus=2, include_dashboard=False, object_store_memory=80 << 20)
    yield ray
    ray.shutdown()
    del os.environ["PYTHONPATH"]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def ended(*arguments: str, code: int = 0) -> str:
        with pytest.raises(SystemExit) as stop:
            main((*arguments, "--home", str(tmp_path / "home")))
        told = capsys.readouterr()
        assert stop.value.code == code, told.err
        return told.out

    return ended


def said(path: Path) -> dict[str, Any]:
    """Each row's outcome without what is new in every run."""
    found: dict[str, Any] = {}
    for line in read_results(path):
        outcome = line.outcome.model_dump(exclude={"trace_id", "review"}) if line.outcome else None
        found[line.id] = (outcome, line.error, line.made)
    return found


def test_a_cluster_gives_the_output_of_one_machine_and_one_record(
    cluster: Any, run: Callable[..., str], tmp_path: Path
) -> None:
    records = [{"id": name, "text": text, "language": "en"} for name, text in PASSAGES]
    (tmp_path / "passages.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    asked = [
        {"id": "1", "question": "How much pleural fluid blunts the costophrenic angle?"},
        {"id": "2", "question": "Does a 5 mm solid nodule at low risk need follow-up?"},
        {"id": "3", "question": "Which antibiotic treats otitis media?"},
        {"id": "4", "question": "What is seen?", "images": "missing.png"},
    ]
    (tmp_path / "questions.jsonl").write_text("\n".join(map(json.dumps, asked)), "utf-8")
    run("ingest", str(tmp_path / "passages.jsonl"))
    questions, options = str(tmp_path / "questions.jsonl"), ("--task", "literature")
    run("batch", questions, "-o", str(tmp_path / "local.jsonl"), *options, code=3)
    ray = ("--executor", "ray", "--jobs", "2")
    run("batch", questions, "-o", str(tmp_path / "ray.jsonl"), *options, *ray, code=3)
    local, elsewhere = said(tmp_path / "local.jsonl"), said(tmp_path / "ray.jsonl")
    assert elsewhere == local
    assert elsewhere["4"][1].code == "NOT_FOUND"
    record = [json.loads(line) for line in run("audit", "export").splitlines() if line]
    answers = [entry for entry in record if '"answer"' in json.dumps(entry)]
    assert len(answers) >= 6
