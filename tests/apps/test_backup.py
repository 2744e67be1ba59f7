"""A backup gives the same folder back, and nothing else passes for one."""

import asyncio
import io
import tarfile
from pathlib import Path

import pytest

from radcite.apps.asking import AskOptions, open_asker
from radcite.apps.configuration import load_settings
from radcite.apps.upkeep.backup import back_up, restore
from radcite.apps.upkeep.index import after_restore
from radcite.apps.wiring import open_house
from radcite.backends.state.home_lock import hold_home, hold_turn
from radcite.core.claims import Answer
from radcite.core.errors import RadciteError

NOTE = "# Zebra sign\n\nThe zebra sign of the radcite tests measures 41 mm on the upright film.\n"
QUESTION = "What does the zebra sign of the radcite tests measure on the upright film?"


async def fill(home: Path, note: Path) -> None:
    async with open_house(load_settings({"home": home})) as house:
        await house.ingestor(jobs=1)([note], "default")


async def answer(home: Path) -> Answer:
    async with open_house(load_settings({"home": home})) as house, open_asker(house) as ask:
        outcome = await ask(AskOptions(text=QUESTION))
    assert isinstance(outcome, Answer)
    return outcome


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a document that answers one question."""
    made = tmp_path_factory.mktemp("backup") / "home"
    note = made.parent / "note.md"
    note.write_text(NOTE, "utf-8")
    asyncio.run(fill(made, note))
    return made


@pytest.fixture
def kept(home: Path, tmp_path: Path) -> Path:
    back_up(home, tmp_path / "kept.tar")
    return tmp_path / "kept.tar"


async def test_a_restored_folder_gives_the_same_answer_with_the_same_ids(
    home: Path, tmp_path: Path
) -> None:
    before = await answer(home)
    report = back_up(home, tmp_path / "kept.tar")
    again = restore(tmp_path / "kept.tar", tmp_path / "new" / "home")
    assert report == again
    with pytest.raises(
        RadciteError, match="RETRIEVAL_UNAVAILABLE: the index of default is missing"
    ):
        await answer(tmp_path / "new" / "home")
    async with open_house(load_settings({"home": tmp_path / "new" / "home"})) as house:
        await after_restore(house)
    after = await answer(tmp_path / "new" / "home")
    assert [claim.model_dump() for claim in after.claims] == [
        claim.model_dump() for claim in before.claims
    ]
    assert after.evidence == before.evidence
    assert "41 mm" in after.claims[0].text


def test_pseudonyms_stay_the_same_and_only_the_owner_reads_the_file(
    home: Path, kept: Path, tmp_path: Path
) -> None:
    restore(kept, tmp_path / "home")
    assert (tmp_path / "home/secret.key").read_bytes() == (home / "secret.key").read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0
    assert (tmp_path / "home/secret.key").stat().st_mode & 0o077 == 0
    assert not (tmp_path / "home/lock").exists()


def test_a_folder_that_is_being_written_to_is_not_backed_up(home: Path, tmp_path: Path) -> None:
    with hold_turn(home), pytest.raises(RadciteError, match="HOME_LOCKED"):
        back_up(home, tmp_path / "kept.tar")
    assert list(tmp_path.iterdir()) == []


def test_of_a_folder_in_use_too_all_but_the_index_is_backed_up(home: Path, tmp_path: Path) -> None:
    with hold_home(home):
        back_up(home, tmp_path / "kept.tar")
    with tarfile.open(tmp_path / "kept.tar") as kept:
        names = {name.split("/")[0] for name in kept.getnames()}
    assert names >= {"ledger.sqlite", "secret.key"}
    assert not names & {"index", "lock", "writing"}


def test_a_backup_never_overwrites_nor_lies_in_what_it_keeps(home: Path, kept: Path) -> None:
    for target in (kept, home / "inside.tar"):
        with pytest.raises(RadciteError, match="VALIDATION"):
            back_up(home, target)
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        back_up(home / "nothing", kept.with_name("other.tar"))


def test_a_folder_that_holds_something_is_not_restored_over(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/mine").write_text("x")
    with pytest.raises(RadciteError, match="VALIDATION"):
        restore(kept, tmp_path / "home")
    assert (tmp_path / "home/mine").read_text() == "x"


@pytest.mark.parametrize("fault", ["bit", "cut", "extra", "outside", "link", "nothing"])
def test_a_damaged_or_forged_backup_leaves_no_folder(
    kept: Path, tmp_path: Path, fault: str
) -> None:
    content = bytearray(kept.read_bytes())
    if fault == "bit":
        content[content.index(b"zebra sign")] ^= 1
    elif fault == "cut":
        del content[len(content) // 2 :]
    elif fault == "nothing":
        content = bytearray(b"no tar at all")
    kept.write_bytes(content)
    if fault in {"extra", "outside", "link"}:
        info = tarfile.TarInfo("../outside" if fault == "outside" else "extra")
        if fault == "link":
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        with tarfile.open(kept) as old, tarfile.open(tmp_path / "forged.tar", "w") as forged:
            forged.addfile(info, io.BytesIO())
            for member in old:
                forged.addfile(member, old.extractfile(member))
        kept = tmp_path / "forged.tar"
    with pytest.raises(RadciteError, match="VALIDATION"):
        restore(kept, tmp_path / "home")
    assert not (tmp_path / "home").exists()
    assert not (tmp_path / "outside").exists()
