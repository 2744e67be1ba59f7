"""Two thousand broken and hostile files against a whole ingest; `python -m bench fuzz` takes more."""

from itertools import islice
from pathlib import Path

import pytest

from bench.fuzz.bombs import DICOM_BOMBS
from bench.fuzz.mutants import cuts_of, mutants
from bench.fuzz.reading import fuzz
from bench.fuzz.seeds import dicom_seeds
from radcite.ingestion.limits import Limits

# Bombs are stopped sooner than by default: how long they may run is not what is tested.
LIMITS = Limits(wall_seconds=10, cpu_seconds=5)


@pytest.mark.filterwarnings("ignore")
async def test_two_thousand_broken_files_neither_kill_hang_escape_a_code_nor_leave_a_part(
    tmp_path: Path,
) -> None:
    tally = await fuzz(tmp_path, 2_000, 11, limits=LIMITS, measuring=False, ocr_every=0)

    assert tally.mutants == 2_000
    assert tally.main_failures == []
    assert tally.worker_deaths == []
    assert tally.hangs == []
    assert tally.untyped == []
    assert tally.partial == []
    assert tally.cut.total() == 700
    assert tally.silent_share <= 0.001, tally.silent
    kinds = {kind.partition(":")[0] for kind in tally.outcomes}
    assert kinds >= {"cut", "flip", "length", "tag", "vr", "splice", "bomb", "PDF", "PDF bomb"}


def test_a_seed_gives_the_same_mutants_again_and_another_seed_others() -> None:
    one, again, other = (
        [mutant.data for mutant in islice(mutants(60, seed, measuring=False), 60)]
        for seed in (5, 5, 6)
    )
    assert one == again
    assert one != other


def test_files_are_cut_at_each_of_their_kilobytes() -> None:
    seed = next(one for one in dicom_seeds(measuring=False) if len(one.data) > 4_096)
    ends = [end for _, end in cuts_of([seed])]
    assert ends == list(range(1_024, len(seed.data), 1_024))


def test_bombs_are_small() -> None:
    from random import Random

    for name, make in DICOM_BOMBS.items():
        assert len(make(Random(1))) < 100 << 20, name
