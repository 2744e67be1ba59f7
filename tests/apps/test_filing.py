"""Holding files back is one turn of writing: no ingest comes between what goes and the mark that keeps it out."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from radcite.apps.configuration import load_settings
from radcite.apps.upkeep.filing import hold
from radcite.apps.wiring import open_house
from radcite.backends.ledger.sqlite import SqliteLedger
from radcite.backends.state.home_lock import hold_turn
from radcite.core.errors import RadciteError
from radcite.core.ledger import FileRecord
from tests.ingestion.studio import write_jsonl


class Watched(SqliteLedger):
    """A ledger that tells whether an ingest could have begun while a file was marked."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "ledger.sqlite")
        self.home = home
        self.free: list[bool] = []

    async def put_files(self, collection: str, files: Sequence[FileRecord]) -> None:
        try:
            with hold_turn(self.home):
                self.free.append(True)
        except RadciteError:
            self.free.append(False)
        await super().put_files(collection, files)


@pytest.mark.parametrize("known", [True, False])
async def test_a_file_is_marked_in_the_same_turn_that_takes_out_what_it_gave(
    tmp_path: Path, known: bool
) -> None:
    path = tmp_path / "passages.jsonl"
    write_jsonl(path, [{"id": "d", "text": "A pneumothorax shows a pleural line."}])
    async with open_house(load_settings({"home": tmp_path / "home"})) as house:
        if known:
            await house.ingestor()([path], "default")
    ledger = Watched(tmp_path / "home")
    async with open_house(load_settings({"home": tmp_path / "home"})) as house:
        vars(house)["ledger"] = ledger
        held, removed = await hold(house, "default", [path], [])
    await ledger.close()
    assert (held, removed.documents) == (1, known)
    assert ledger.free == [False]
