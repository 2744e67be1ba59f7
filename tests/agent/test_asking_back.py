"""Where no search is of use without it, the user is asked back; the next words in the thread are the reply."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from radcite.agent.ask import ask, steps
from radcite.agent.checkpoints import open_checkpoints
from radcite.agent.graph import Graph, build_graph
from radcite.agent.state import Parts
from radcite.backends.fakes import ScriptedChat
from radcite.core.claims import Abstention, Answer
from radcite.core.question import Question
from tests.agent.scene import GivenHits, parts, passage
from tests.agent.test_streaming import FIRST, drafted

WHICH = "Which screening do you mean, by CT or by radiograph?"
DIGEST = "a" * 64


def asking(words: str = WHICH) -> str:
    return f'{{"calls": [{{"tool": "ask_user", "query": "{words}"}}]}}'


SEARCH = '{"calls": [{"tool": "literature_search", "query": "CT screening"}]}'


def given(chat: ScriptedChat | None, hits: GivenHits | None = None) -> Parts:
    found = hits or GivenHits([passage(FIRST)])
    return replace(parts(found, chat=chat), replies=True)


@pytest.fixture
async def graph(tmp_path: Path) -> AsyncIterator[Graph]:
    async with open_checkpoints(tmp_path / "threads.sqlite") as saver:
        yield build_graph(saver)


def said(text: str, **more: object) -> Question:
    return Question.model_validate({"text": text, "thread": "t", **more})


async def test_the_reply_goes_on_with_the_question_also_after_a_restart(tmp_path: Path) -> None:
    chat = ScriptedChat([asking(), SEARCH, drafted((FIRST, FIRST))])
    async with open_checkpoints(tmp_path / "threads.sqlite") as saver:
        first = await ask(build_graph(saver), given(chat), said("Does screening lower mortality?"))
    assert isinstance(first, Abstention)
    assert (first.reason, first.message) == ("ASKED_BACK", WHICH)
    async with open_checkpoints(tmp_path / "threads.sqlite") as saver:
        second = await ask(build_graph(saver), given(chat), said("By low-dose CT in smokers"))
    assert isinstance(second, Answer)
    assert second.trace_id != first.trace_id
    asked = chat.prompts[1].messages[-1].content
    assert "Question: Does screening lower mortality? By low-dose CT in smokers" in asked
    assert "ask_user" not in asked, "asked once, not again"


async def test_a_reply_that_tells_of_an_emergency_is_answered_with_its_advice(graph: Graph) -> None:
    chat = ScriptedChat([asking(), SEARCH, drafted((FIRST, FIRST))])
    await ask(graph, given(chat), said("What should I do about my screening?"))
    outcome = await ask(
        graph, given(chat), said("I have crushing chest pain and I am sweating right now")
    )
    assert outcome.safety.red_flags


async def test_another_question_is_no_reply(graph: Graph) -> None:
    chat = ScriptedChat([asking(), SEARCH, drafted((FIRST, FIRST))])
    await ask(graph, given(chat), said("Does screening lower mortality?"))
    await ask(graph, given(chat), said("Does low-dose CT screening reduce mortality in smokers?"))
    planned = chat.prompts[1].messages[-1].content
    assert "Question: Does low-dose CT screening reduce mortality in smokers?" in planned


async def test_words_that_point_at_no_image_are_asked_for_it_without_a_model(graph: Graph) -> None:
    for text, language in (("What does this X-ray show?", "en"), ("这张胸片显示什么？", "zh")):
        outcome = await ask(
            graph, given(None), said(text, thread=language, language=language, task="literature")
        )
        assert isinstance(outcome, Abstention)
        assert outcome.reason == "ASKED_BACK"
        assert outcome.language == language
    named = [
        name
        async for name, _ in steps(
            graph, given(None), said("", thread="en", images=(DIGEST,), language="en")
        )
    ]
    assert named[:3] == ["reply", "intake", "plan"]


async def test_where_nobody_can_reply_the_tool_is_not_offered() -> None:
    chat = ScriptedChat([asking(), drafted((FIRST, FIRST))])
    hits = GivenHits([passage(FIRST)])
    outcome = await ask(build_graph(), parts(hits, chat=chat), Question(text="Does it help?"))
    assert "ask_user" not in chat.prompts[0].messages[-1].content
    assert isinstance(outcome, Answer)
    assert hits.requests


@pytest.mark.parametrize("words", ["Take aspirin now.", "a" * 300 + "?", "?"])
async def test_what_is_no_short_question_is_not_shown_as_one(graph: Graph, words: str) -> None:
    chat = ScriptedChat([asking(words), drafted((FIRST, FIRST))])
    outcome = await ask(graph, given(chat), said("Does screening lower mortality in smokers?"))
    assert isinstance(outcome, Answer)
