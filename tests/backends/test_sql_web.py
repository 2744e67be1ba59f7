"""What the web service keeps of its users: nothing crosses from one to another, nothing is kept in clear."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from radcite.backends.state.accounts import ACCOUNTS_SCHEMA, SqlAccounts
from radcite.backends.state.conversations import CONVERSATIONS_SCHEMA, SqlConversations
from radcite.backends.state.database import PostgresState, SqliteState, StateDatabase
from radcite.backends.state.phi_reviews import PHI_REVIEWS_SCHEMA, SqlPhiReviews
from radcite.core.accounts import User
from radcite.core.conversations import (
    Aged,
    Asking,
    Feedback,
    GateReport,
    StudyImage,
    StudyRecord,
    StudySeries,
    Talked,
    Turn,
)
from radcite.core.errors import RadciteError
from radcite.core.phi_review import HeldImage
from radcite.core.traces import Traces
from tests.postgres import fresh_database

PASSWORD = " ".join(("correct", "horse", "battery"))
TURN = Turn(number=0, asking=Asking(text="why?"), asked_at="2026-01-01T00:00:00+00:00")
IMAGE = StudyImage(digest="0" * 64, frames=1, rows=2, columns=2, kind="uint8")
STUDY = StudyRecord(
    study="s1",
    created_at="2026-01-01",
    series=(StudySeries(key="0" * 64, images=(IMAGE,)),),
    gate=GateReport(),
)


@pytest.fixture(params=["sqlite", "postgres"])
def state(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], StateDatabase]:
    """Opens a database with the tables of a schema."""
    if request.param == "sqlite":
        return lambda schema: SqliteState(tmp_path / "state.sqlite", schema)
    url = fresh_database(request.getfixturevalue("postgres"))
    return lambda schema: PostgresState(url, schema)


@pytest.fixture
async def conversations(
    state: Callable[[str], StateDatabase],
) -> AsyncIterator[SqlConversations]:
    store = SqlConversations(state(CONVERSATIONS_SCHEMA))
    yield store
    await store.close()


@pytest.fixture
async def accounts(state: Callable[[str], StateDatabase]) -> AsyncIterator[SqlAccounts]:
    store = SqlAccounts(state(ACCOUNTS_SCHEMA))
    yield store
    await store.close()


async def test_turns_come_back_in_order_with_what_the_reader_thought(
    conversations: SqlConversations,
) -> None:
    thread = await conversations.new_thread("ann", "why?")
    assert [await conversations.add_turn("ann", thread, TURN) for _ in range(2)] == [1, 2]
    await conversations.judge("ann", thread, 2, Feedback(verdict="down", reason="too long"))
    first, second = await conversations.turns("ann", thread)
    assert first.feedback is None
    assert second.feedback == Feedback(verdict="down", reason="too long")
    [listed] = await conversations.threads("ann")
    assert (listed.title, listed.turns) == ("why?", 2)


async def test_to_another_user_a_thread_and_a_study_do_not_exist(
    conversations: SqlConversations,
) -> None:
    thread = await conversations.new_thread("ann", "why?")
    await conversations.add_study("ann", STUDY)
    assert await conversations.threads("bob") == []
    assert await conversations.studies("bob") == []
    for attempt in (
        conversations.turns("bob", thread),
        conversations.add_turn("bob", thread, TURN),
        conversations.rename("bob", thread, "mine"),
        conversations.drop_thread("bob", thread),
        conversations.judge("bob", thread, 1, Feedback(verdict="up")),
        conversations.study("bob", "s1"),
        conversations.drop_study("bob", "s1"),
    ):
        with pytest.raises(RadciteError, match="NOT_FOUND"):
            await attempt
    assert await conversations.study("ann", "s1") == STUDY


async def test_a_removed_study_names_the_images_that_nobody_holds_any_more(
    conversations: SqlConversations,
) -> None:
    await conversations.add_study("ann", STUDY)
    await conversations.add_study("bob", STUDY.model_copy(update={"study": "s2"}))
    assert await conversations.drop_study("ann", "s1") == []
    assert await conversations.drop_study("bob", "s2") == ["0" * 64]


async def test_forgetting_takes_the_turns_that_speak_of_it_and_the_threads_left_empty(
    conversations: SqlConversations,
) -> None:
    source = {"kind": "passage", "document_id": "doc", "text": "Words."}
    cited = TURN.model_copy(update={"outcome": {"evidence": [{"key": "E1", "source": source}]}})
    asked = TURN.model_copy(
        update={"asking": TURN.asking.model_copy(update={"text": "second", "study": None})}
    )
    mixed, single = [await conversations.new_thread("ann", "first") for _ in range(2)]
    for thread, turn in ((mixed, cited), (mixed, asked), (single, cited)):
        await conversations.add_turn("ann", thread, turn)
    elsewhere = Traces(collection="other", documents=frozenset({"doc"}))
    assert await conversations.find(elsewhere) == Talked()
    traces = Traces(collection="default", documents=frozenset({"doc"}))
    told = await conversations.find(traces)
    assert (told.turns, told.threads) == (2, 1)
    assert await conversations.forget(traces) == told
    (left,) = await conversations.threads("ann")
    assert (left.thread, left.title, left.turns) == (mixed, "second", 1)


async def test_forgetting_a_patient_takes_the_studies_and_what_was_asked_of_them(
    conversations: SqlConversations,
) -> None:
    await conversations.add_study("ann", STUDY.model_copy(update={"patient": "P-1"}))
    await conversations.add_study("bob", STUDY.model_copy(update={"study": "s2"}))
    thread = await conversations.new_thread("ann", "what is this?")
    turn = TURN.model_copy(update={"asking": TURN.asking.model_copy(update={"study": "s1"})})
    await conversations.add_turn("ann", thread, turn)
    told = await conversations.forget(Traces(patients=frozenset({"P-1"})))
    assert (told.studies, told.digests, told.turns, told.threads) == (("s1",), (), 1, 1)
    assert await conversations.studies("ann") == []
    assert await conversations.threads("ann") == []
    assert await conversations.holds(["0" * 64, "1" * 64]) == {"0" * 64}


async def test_what_has_grown_old_is_found(conversations: SqlConversations) -> None:
    await conversations.add_study("ann", STUDY)
    thread = await conversations.new_thread("ann", "why?")
    old = await conversations.older(studies="2999", threads="2999")
    assert (old.studies, old.threads) == ((STUDY.study,), (thread,))
    assert await conversations.older(studies="", threads="") == Aged()


async def test_a_removed_thread_is_gone_with_its_turns(conversations: SqlConversations) -> None:
    thread = await conversations.new_thread("ann", "why?")
    await conversations.add_turn("ann", thread, TURN)
    await conversations.drop_thread("ann", thread)
    assert await conversations.threads("ann") == []
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await conversations.turns("ann", thread)


async def test_a_session_lasts_until_it_is_ended(accounts: SqlAccounts) -> None:
    await accounts.add(User(name="ann", role="signer"), PASSWORD)
    token, identity = await accounts.sign_in("ann", PASSWORD)
    assert identity.permissions == {"ask", "upload", "archive", "sign"}
    assert await accounts.session(token) == identity
    await accounts.sign_out(token)
    assert await accounts.session(token) is None
    assert await accounts.session("made up") is None


@pytest.mark.parametrize(("name", "password"), [("ann", "wrong password"), ("eve", PASSWORD)])
async def test_a_wrong_password_and_an_unknown_name_look_the_same(
    accounts: SqlAccounts, name: str, password: str
) -> None:
    await accounts.add(User(name="ann", role="reader"), PASSWORD)
    with pytest.raises(RadciteError) as refused:
        await accounts.sign_in(name, password)
    assert refused.value.code == "UNAUTHENTICATED"
    assert refused.value.detail == "name or password is wrong"


async def test_a_short_password_is_refused(accounts: SqlAccounts) -> None:
    with pytest.raises(RadciteError, match="VALIDATION"):
        await accounts.add(User(name="ann", role="reader"), "short")


async def test_a_key_reaches_no_further_than_its_scopes_and_its_users_role(
    accounts: SqlAccounts,
) -> None:
    await accounts.add(User(name="ann", role="reader", collections=("chest",)), PASSWORD)
    key = await accounts.make_key("ann", frozenset({"ask"}))
    identity = await accounts.key(key)
    assert identity is not None
    assert identity.permissions == {"ask"}
    assert identity.may_search("chest")
    assert not identity.may_search("default")
    with pytest.raises(RadciteError, match="FORBIDDEN"):
        await accounts.make_key("ann", frozenset({"admin"}))
    await accounts.remove("ann")
    assert await accounts.key(key) is None


async def test_a_value_that_cannot_be_kept_is_told_as_such(accounts: SqlAccounts) -> None:
    with pytest.raises(RadciteError, match="VALIDATION|UNAUTHENTICATED"):
        await accounts.sign_in("a\x00", PASSWORD)
    await accounts.add(User(name="ann", role="reader"), PASSWORD)


async def test_a_key_ends_by_itself_or_with_the_password(accounts: SqlAccounts) -> None:
    await accounts.add(User(name="ann", role="reader"), PASSWORD)
    first = await accounts.make_key("ann", frozenset({"ask"}))
    [listed] = await accounts.keys()
    assert (listed.name, listed.scopes) == ("ann", ("ask",))
    await accounts.revoke(listed.key)
    assert await accounts.key(first) is None
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await accounts.revoke(listed.key)
    second = await accounts.make_key("ann", frozenset({"ask"}))
    await accounts.add(User(name="ann", role="reader"), PASSWORD)
    assert await accounts.key(second) is None


def files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


async def test_no_secret_is_kept_in_clear(tmp_path: Path) -> None:
    accounts = SqlAccounts(SqliteState(tmp_path / "state.sqlite", ACCOUNTS_SCHEMA))
    await accounts.add(User(name="ann", role="reader"), PASSWORD)
    token, _ = await accounts.sign_in("ann", PASSWORD)
    key = await accounts.make_key("ann", frozenset({"ask"}))
    await accounts.close()
    kept = files(tmp_path)
    assert kept
    for secret in (PASSWORD, token, key):
        assert not any(secret.encode() in content for content in kept)


async def test_a_held_image_is_found_by_the_beginning_of_its_key_and_decided_once_known(
    state: Callable[[str], StateDatabase],
) -> None:
    reviews = SqlPhiReviews(state(PHI_REVIEWS_SCHEMA))
    held = HeldImage(key="ab" * 32, held_at="2026-01-01T00:00:00+00:00", places=())
    for _ in range(2):
        await reviews.hold(held)
    assert await reviews.images() == [held]
    assert await reviews.image("abab") == held
    assert await reviews.decision(held.key) is None
    decided = await reviews.decide("abab", "masked", "ann", "a logo")
    assert await reviews.decision(held.key) == decided.decision == "masked"
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await reviews.image("cd")
    await reviews.close()
