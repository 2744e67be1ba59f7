"""The torch side: what is trained, resumed and exported. `make test-extras`."""

import importlib.util
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from radcite.backends.text.onnx import open_session

pytestmark = [
    pytest.mark.extras,
    pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="no torch"),
]
TOKENS, DIM = 40, 8


def lesson() -> Any:
    from radcite.training.retriever.student import Lesson, Targets

    random = np.random.default_rng(0)
    queries = [[n, n + 20] for n in range(20)]
    documents = [[n + 20, n + 20] for n in range(20)]
    targets = random.standard_normal((20, DIM)).astype(np.float32)
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    known = np.arange(20) % 2 == 0
    return Lesson(
        queries=queries,
        documents=documents,
        kinds=["even"] * 20,
        query_targets=Targets(targets, known),
        document_targets=Targets(targets, ~known),
        texts=queries,
        targets=targets,
    )


def trained(folder: Path, epochs: int, stop_after: int | None = None) -> np.ndarray:
    from radcite.training.retriever.student import Plan, Student, train_student
    from radcite.training.run_folder import JsonlTracker
    from radcite.training.torch_run import Run

    rows = np.random.default_rng(1).standard_normal((TOKENS, DIM)).astype(np.float32)
    student, rounds = Student(rows), 0

    class Killed(Exception):
        pass

    def measure() -> float:
        nonlocal rounds
        rounds += 1
        if stop_after is not None and rounds > stop_after:
            raise Killed
        return 0.0

    folder.mkdir(exist_ok=True)
    run = Run(folder, "tiny", JsonlTracker(folder / "figures.jsonl"), measure)
    plan = replace(Plan(), dim=DIM, batch=10, epochs=epochs)
    with suppress(Killed):
        train_student(student, lesson(), plan, run)
    return student.table.weight.detach().numpy()


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole", 4)
    trained(tmp_path / "killed", 4, stop_after=2)
    assert np.allclose(trained(tmp_path / "killed", 4), whole, atol=1e-6)


def test_figures_of_every_round_are_kept(tmp_path: Path) -> None:
    trained(tmp_path, 3)
    lines = (tmp_path / "figures.jsonl").read_text().splitlines()
    assert len(lines) == 3
    assert '"contrast"' in lines[0]


def test_the_static_encoder_in_onnx_gives_the_vectors_of_torch(tmp_path: Path) -> None:
    import torch

    from radcite.training.retriever.export import static_graph
    from radcite.training.retriever.student import Student

    rows = np.random.default_rng(2).standard_normal((TOKENS, 64)).astype(np.float32)
    ids = [[1, 5, 9, 33], [2, 2, 7, 39]]
    with torch.no_grad():
        exact = Student(rows)(ids).numpy()
    (tmp_path / "model.onnx").write_bytes(static_graph(rows).SerializeToString())
    feed = {"input_ids": np.array(ids), "attention_mask": np.ones((2, 4), dtype=np.int64)}
    made = open_session(tmp_path / "model.onnx").run(["embedding"], feed)[0]
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    assert (made * exact).sum(axis=1).min() > 0.9999


def test_the_cross_encoder_in_onnx_gives_the_scores_of_torch(tmp_path: Path) -> None:
    import torch

    from radcite.training.pairs.cross_encoder import CrossEncoder
    from radcite.training.pairs.export import cross_graph

    torch.manual_seed(0)
    words = np.random.default_rng(3).standard_normal((TOKENS, 384)).astype(np.float32)
    model = CrossEncoder(words, 3).eval()
    ids = np.array([[1, 5, 9, 33, 4], [2, 2, 7, 0, 0]])
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    segments = np.array([[0, 0, 0, 1, 1], [0, 1, 1, 0, 0]])
    with torch.no_grad():
        exact = model(*map(torch.from_numpy, (ids, mask, segments))).numpy()
    (tmp_path / "model.onnx").write_bytes(cross_graph(model).SerializeToString())
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": segments}
    made = open_session(tmp_path / "model.onnx").run(["scores"], feed)[0]
    assert np.allclose(made, exact, atol=1e-4)
