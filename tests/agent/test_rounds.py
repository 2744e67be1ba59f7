"""A model plans in rounds: it sees what was found and may ask for more, in both languages."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from radcite.agent.ask import ask
from radcite.agent.checkpoints import open_checkpoints
from radcite.agent.drafts import Draft, DraftCitation, DraftClaim
from radcite.agent.graph import build_graph
from radcite.agent.replay import replay, stored_turn
from radcite.backends.fakes import ScriptedChat
from radcite.core.claims import Answer
from radcite.core.errors import DependencyDown
from radcite.core.question import Question
from radcite.core.sources import Passage
from radcite.tools.hits import Hit
from radcite.tools.literature import LiteratureRequest
from tests.agent.scene import parts, passage

FIRST = "Screening lowered deaths from lung cancer."
SECOND = "Overdiagnosis was found in 3% of screened persons."
ASKED = "What does lung cancer screening do, and how much overdiagnosis is there?"


@dataclass(frozen=True)
class Library:
    """A literature search that finds the passages whose title stands in the query."""

    books: Sequence[Passage] = (
        passage(FIRST, "deaths", "mortality"),
        passage(SECOND, "over", "overdiagnosis"),
    )
    requests: list[LiteratureRequest] = field(default_factory=list[LiteratureRequest])

    async def __call__(self, request: LiteratureRequest, /) -> Sequence[Hit]:
        self.requests.append(request)
        found = [book for book in self.books if book.title in request.query]
        return [Hit(book, n, 1 / n, None, 1.0, "given") for n, book in enumerate(found, 1)]


def call(query: str, other: str = "") -> str:
    return (
        f'{{"calls": [{{"tool": "literature_search", "query": "{query}",'
        f' "other_language": "{other}"}}]}}'
    )


NOTHING_MORE = '{"calls": []}'


def claims(*quoted: tuple[str, str]) -> Draft:
    return Draft(
        claims=tuple(
            DraftClaim(
                text=quote,
                about="literature",
                citations=(DraftCitation(evidence=key, quote=quote),),
            )
            for key, quote in quoted
        )
    )


async def test_a_second_round_adds_what_the_first_did_not_find() -> None:
    library = Library()
    chat = ScriptedChat(
        [call("mortality"), call("overdiagnosis"), claims(("E1", FIRST), ("E2", SECOND))]
    )
    outcome = await ask(build_graph(), parts(library, chat=chat, rounds=2), Question(text=ASKED))
    assert isinstance(outcome, Answer)
    assert [claim.text for claim in outcome.claims] == [FIRST, SECOND]
    assert [item.key for item in outcome.evidence] == ["E1", "E2"]
    looked = chat.prompts[1].messages[-1].content
    assert "E1: mortality" in looked
    assert "mortality" in looked.split("<<<FOUND>>>")[0]


async def test_a_model_that_wants_nothing_more_is_not_searched_for_again() -> None:
    library = Library()
    chat = ScriptedChat([call("mortality"), NOTHING_MORE, claims(("E1", FIRST))])
    outcome = await ask(build_graph(), parts(library, chat=chat, rounds=4), Question(text=ASKED))
    assert isinstance(outcome, Answer)
    assert [request.query for request in library.requests] == ["mortality"]


async def test_rounds_are_bounded_and_a_search_is_not_run_twice() -> None:
    library = Library()
    chat = ScriptedChat([call("mortality"), call("mortality"), claims(("E1", FIRST))])
    await ask(build_graph(), parts(library, chat=chat, rounds=3), Question(text=ASKED))
    assert [request.query for request in library.requests] == ["mortality"]
    many = Library()
    chat = ScriptedChat([call("mortality"), call("b"), call("c"), claims(("E1", FIRST))])
    await ask(build_graph(), parts(many, chat=chat, rounds=3), Question(text=ASKED))
    assert [request.query for request in many.requests] == ["mortality", "b", "c"]


async def test_each_search_also_runs_in_the_other_language() -> None:
    library = Library()
    chat = ScriptedChat([call("mortality", "死亡率"), claims(("E1", FIRST))])
    await ask(build_graph(), parts(library, chat=chat), Question(text=ASKED))
    assert [request.query for request in library.requests] == ["mortality", "死亡率"]


async def test_a_model_that_goes_away_after_the_first_round_leaves_a_marked_answer() -> None:
    library = Library()
    chat = ScriptedChat([call("mortality"), DependencyDown("LLM_UNAVAILABLE", "gone")])
    outcome = await ask(build_graph(), parts(library, chat=chat, rounds=2), Question(text=ASKED))
    assert "llm" in outcome.degraded


async def test_an_answer_of_several_rounds_is_replayed_alike(tmp_path: Path) -> None:
    script = [call("mortality"), call("overdiagnosis"), claims(("E1", FIRST), ("E2", SECOND))]
    given = parts(Library(), chat=ScriptedChat(script), rounds=2)
    async with open_checkpoints(tmp_path / "threads.sqlite") as saver:
        first = await ask(build_graph(saver), given, Question(text=ASKED, thread="t"))
        stored = await stored_turn(saver, first.trace_id)
    assert (await replay(stored, replace(given, chat=ScriptedChat(script)))).identical
    other = replace(given, chat=ScriptedChat([script[0], NOTHING_MORE, script[2]]))
    assert (await replay(stored, other)).differs == "requests"


async def test_the_model_is_told_the_threads_history() -> None:
    chat = ScriptedChat([call("mortality"), claims(("E1", FIRST))])
    graph = build_graph()
    await ask(graph, parts(Library(), chat=chat), Question(text=ASKED))
    assert "<<<HISTORY>>>\n-\n<<<END HISTORY>>>" in chat.prompts[0].messages[-1].content
