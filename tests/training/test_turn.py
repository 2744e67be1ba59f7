import numpy as np
import pytest

from radcite.training.retriever.turn import fit_turn


def test_a_turned_copy_is_turned_back() -> None:
    rng = np.random.default_rng(0)
    teacher = rng.normal(size=(200, 16)).astype(np.float32)
    turn, _ = np.linalg.qr(rng.normal(size=(16, 16)))
    student = (teacher @ turn).astype(np.float32)
    assert student @ fit_turn(student, teacher) == pytest.approx(teacher, abs=1e-4)
