import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.test_static_encoder import write_model

Run = Callable[..., Any]
TEXT = "# Pneumothorax\nA thin pleural line with no lung markings beyond it is seen.\n"


@pytest.fixture
def stocked(run: Run, tmp_path: Path) -> Run:
    (tmp_path / "note.md").write_text(TEXT)
    run("ingest", "note.md", "--collection", "notes")
    return run


def hits(run: Run) -> list[str]:
    told = run("search", "literature", "pleural line", "--collection", "notes", "--json")
    return [one["source"]["text"] for one in json.loads(told.stdout)["hits"]]


def test_stats_tell_counts_fingerprints_and_files(stocked: Run) -> None:
    document = json.loads(stocked("index", "stats", "--json").stdout)
    assert document["schema"] == "radcite.index/1"
    (notes,) = document["collections"]
    assert (notes["name"], notes["documents"], notes["points"]) == ("notes", 1, notes["passages"])
    assert notes["files"] == {"indexed": 1}
    assert notes["sparse"].startswith("bm25")
    assert notes["waiting"] is False


def test_an_index_that_was_lost_is_rebuilt_from_the_ledger(stocked: Run, tmp_path: Path) -> None:
    before = hits(stocked)
    shutil.rmtree(tmp_path / "home" / "index")
    document = json.loads(stocked("index", "rebuild", "--json").stdout)
    assert [one["name"] for one in document["collections"]] == ["notes"]
    assert hits(stocked) == before


def test_optimizing_keeps_every_point(stocked: Run) -> None:
    before = hits(stocked)
    stocked("index", "optimize", "--collection", "notes")
    assert hits(stocked) == before


def test_an_unknown_collection_is_not_found(run: Run) -> None:
    told = run("index", "stats", "--collection", "absent", "--json", code=2)
    assert json.loads(told.stdout)["code"] == "NOT_FOUND"


def test_texts_are_encoded_anew_for_another_encoder(
    stocked: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (made,) = json.loads(stocked("index", "stats", "--json").stdout)["collections"]
    monkeypatch.setenv("RADCITE_ENCODERS__TEXT", str(write_model(tmp_path / "tiny")))
    told = stocked(
        "search", "literature", "pleural line", "--collection", "notes", "--json", code=1
    )
    refused = json.loads(told.stdout)
    assert refused["code"] == "INDEX_MODEL_MISMATCH"
    assert "radcite index rebuild --encode" in refused["hint"]["en"]
    stocked("index", "rebuild", "--encode")
    (renewed,) = json.loads(stocked("index", "stats", "--json").stdout)["collections"]
    assert renewed["text"].startswith("tiny:")
    assert renewed["text"] != made["text"]
    assert renewed["points"] == made["points"]
    assert hits(stocked)


def test_images_are_encoded_anew_for_another_encoder(
    stocked: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RADCITE_ENCODERS__IMAGE", "classical")
    stocked("index", "rebuild", "--encode")
    collections = json.loads(stocked("index", "stats", "--json").stdout)["collections"]
    assert {one["image"] for one in collections} == {"classical-image:v1"}
