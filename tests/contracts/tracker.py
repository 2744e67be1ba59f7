"""What every `Tracker` must do. A backend's test subclasses it and gives the tracker."""

from collections.abc import Callable, Sequence

import pytest

from radcite.core.ports import Tracker

__all__ = ["TrackerContract"]

Noted = Sequence[tuple[int, dict[str, float]]]


class TrackerContract:
    """`noted` reads back what a tracker has kept."""

    @pytest.fixture
    def tracker(self) -> Tracker:
        raise NotImplementedError

    @pytest.fixture
    def noted(self) -> Callable[[], Noted]:
        raise NotImplementedError

    def test_figures_are_kept_by_step_in_order(
        self, tracker: Tracker, noted: Callable[[], Noted]
    ) -> None:
        tracker.log(1, {"loss": 0.5})
        tracker.log(2, {"loss": 0.25, "recall": 0.75})
        assert list(noted()) == [(1, {"loss": 0.5}), (2, {"loss": 0.25, "recall": 0.75})]

    def test_nothing_is_lost_by_not_closing(
        self, tracker: Tracker, noted: Callable[[], Noted]
    ) -> None:
        tracker.log(1, {"loss": 0.5})
        assert len(noted()) == 1
        tracker.close()
        assert len(noted()) == 1
