"""After the signature: the thread goes on, its answer is made again, judgements are counted, a prior is compared."""

import asyncio
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from radcite.agent.checkpoints import open_checkpoints
from radcite.agent.replay import stored_turn
from radcite.apps.configuration import load_settings
from radcite.apps.stores import threads_of
from radcite.backends.state.accounts import ACCOUNTS_SCHEMA, SqlAccounts
from radcite.backends.state.database import SqliteState
from radcite.core.accounts import LOCAL_USER, User
from radcite.core.claims import Answer
from radcite.core.errors import RadciteError
from radcite.core.priors import compare, prior_of
from radcite.core.review import Report
from radcite.core.review_statistics import tallies
from radcite.core.review_steps import amend, decide, sign
from tests.contracts.review import AT, draft
from tests.postgres import fresh_database

Run = Callable[..., Any]
ASKED = ("ask", "Left pleural effusion on a chest radiograph", "--task", "caption", "--json")


@pytest.fixture(params=["sqlite", "postgres"])
def home(
    tmp_path: Path, run: Run, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Path:
    if request.param == "postgres":
        url = fresh_database(request.getfixturevalue("postgres"))
        monkeypatch.setenv("RADCITE_STATE__URL", url)
    case = {"case_id": "c1", "report": "Left pleural effusion. No pneumothorax."}
    (tmp_path / "cases.jsonl").write_text(json.dumps(case), "utf-8")
    run("ingest", "cases.jsonl", "--json")
    return tmp_path / "home"


def document(told: Any) -> dict[str, Any]:
    return json.loads(told.stdout)


async def signer_in_thread(home: Path, trace: str) -> tuple[str | None, int]:
    """Who signed as the thread knows it, and how many claims it kept."""
    async with open_checkpoints(threads_of(load_settings({"home": home}))) as checkpoints:
        outcome = (await stored_turn(checkpoints, trace))["outcome"]
    assert isinstance(outcome, Answer)
    assert outcome.review is not None
    return outcome.review.signer, len(outcome.claims)


def test_a_signature_lets_the_thread_go_on_and_its_answer_is_made_again(
    home: Path, run: Run, tmp_path: Path
) -> None:
    outcome = document(run(*ASKED))
    name, trace = outcome["review"]["report_id"], outcome["trace_id"]
    assert document(run("replay", trace, "--json"))["identical"] is True
    run("report", "decide", name, "accept", "F1")
    run("report", "decide", name, "reject", "F2", "--reason", "not assessed")
    run("report", "sign", name, "--signer", "Dr Ann Lee")
    assert asyncio.run(signer_in_thread(home, trace)) == ("Dr Ann Lee", 1)
    again = document(run("replay", trace, "--json"))
    assert (again["identical"], again["differs"]) == (True, None)
    case = {"case_id": "c2", "report": "Left pleural effusion on a chest radiograph today."}
    (tmp_path / "more.jsonl").write_text(json.dumps(case), "utf-8")
    (tmp_path / "more.jsonl").rename(tmp_path / "cases.jsonl")
    run("ingest", "cases.jsonl", "--json")
    changed = document(run("replay", trace, "--json", code=3))
    assert changed["differs"] == "evidence"
    assert document(run("replay", "unknown", "--json", code=2))["code"] == "NOT_FOUND"
    [counted] = document(run("report", "stats", "--json"))["tallies"]
    assert (counted["signed"], counted["accepted"], counted["rejected"]) == (1, 1, 1)
    assert counted["overridden"] == 0.5
    assert document(run("report", "compare", name, "--json", code=2))["code"] == "NOT_FOUND"
    assert document(run("audit", "verify", "--json"))["intact"] is True
    files = {path.name for path in home.glob("*.sqlite")}
    assert files == {"ledger.sqlite"} or files > {"ledger.sqlite", "threads.sqlite"}


async def test_nobody_is_given_the_name_of_the_local_user(tmp_path: Path) -> None:
    accounts = SqlAccounts(SqliteState(tmp_path / "accounts.sqlite", ACCOUNTS_SCHEMA))
    password = "-".join(("long", "enough", "for", "argon"))
    with pytest.raises(RadciteError, match="VALIDATION"):
        await accounts.add(User(name=LOCAL_USER, role="reader"), password)
    assert not await accounts.exist()
    await accounts.close()


def _signed(report: Report, *steps: Callable[[Report], Report]) -> Report:
    for step in steps:
        report = step(report)
    return sign(report, "Dr Ann Lee", AT)


_ACCEPT = partial(decide, finding="F1", decision="accepted")
_REJECT = partial(decide, finding="F2", decision="rejected", reason="not assessed")


def test_judgements_are_counted_over_the_version_that_stands() -> None:
    first = _signed(draft(), _ACCEPT, _REJECT)
    edit = partial(decide, finding="F1", decision="edited", words="Small left effusion.")
    second = _signed(amend(first, "second reading"), edit)
    [tally] = tallies([[first, second], [draft("r2")]])
    assert (tally.signed, tally.amended, tally.drafts) == (1, 1, 1)
    assert (tally.accepted, tally.edited, tally.rejected, tally.overridden) == (0, 1, 1, 1.0)
    assert tallies([[draft()]])[0].overridden is None


def test_a_report_is_compared_with_the_patients_signed_report_before_it() -> None:
    prior = _signed(draft("r0", created_at="2025-01-01T00:00:00+00:00"), _ACCEPT, _REJECT)
    words = partial(decide, finding="F1", decision="edited", words="Small left pleural effusion.")
    now = words(draft())
    foreign = prior.model_copy(update={"patient": "P-ffffffffffffffff"})
    assert prior_of(now, [[prior], [now], [draft("r3")]]) == prior
    assert prior_of(now.model_copy(update={"patient": None}), [[prior]]) is None
    assert prior_of(now, [[foreign], [draft("r3")]]) is None
    told = compare(now, prior)
    assert [(one.change, one.finding, one.prior) for one in told.findings] == [
        ("changed", "F1", "F1"),
        ("new", "F2", None),
    ]
    gone = compare(
        prior, _signed(draft("r9"), _ACCEPT, partial(decide, finding="F2", decision="accepted"))
    )
    assert [one.change for one in gone.findings] == ["repeated", "not_repeated"]
