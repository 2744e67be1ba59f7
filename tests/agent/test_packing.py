"""Long evidence is packed to the model's context: the sentences of most value for their tokens, marked where cut."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from radcite.agent.ask import ask
from radcite.agent.graph import build_graph
from radcite.backends.fakes import ScriptedChat
from radcite.core.claims import Answer, CharLocation
from radcite.core.question import Question
from tests.agent.scene import GivenHits, parts, passage
from tests.agent.test_streaming import PLAN, drafted

FACT = "Low-dose CT screening reduced lung cancer mortality by 20% in heavy smokers."
FILLER = "The weather at the harbour was mild that year and the boats stayed at their moorings. "
QUESTION = Question(text="Does low-dose CT screening reduce lung cancer mortality in smokers?")


@dataclass
class Words:
    """A server whose tokens are words."""

    size: int | None
    counted: list[str] = field(default_factory=list[str])

    async def context(self) -> int | None:
        return self.size

    async def count(self, texts: Sequence[str]) -> list[int]:
        self.counted.extend(texts)
        return [len(text.split()) for text in texts]


async def told(size: int | None, *texts: str) -> tuple[str, ScriptedChat, Words, object]:
    chat, words = ScriptedChat([PLAN, drafted((FACT, FACT))]), Words(size)
    found = GivenHits([passage(text, f"d{number}") for number, text in enumerate(texts)])
    given = replace(parts(found, chat=chat), tokens=words)
    outcome = await ask(build_graph(), given, QUESTION)
    return chat.prompts[1].messages[-1].content, chat, words, outcome


async def test_of_a_long_text_the_sentence_that_answers_is_kept_and_the_cut_is_marked() -> None:
    long = FILLER * 80 + FACT + " " + FILLER * 80
    prompt, chat, words, outcome = await told(1_500, long)
    assert FACT in prompt
    assert f"[…] {FACT}" in prompt
    assert prompt.count("harbour") < 100
    messages = [message.content for message in chat.prompts[1].messages]
    assert sum(await words.count(messages)) + chat.prompts[1].max_tokens <= 1_500
    assert isinstance(outcome, Answer)
    place = outcome.claims[0].citations[0].place
    assert isinstance(place, CharLocation)
    assert place.start == long.index(FACT), "the place is that of the whole text"


async def test_a_source_of_which_nothing_fits_is_left_out_with_its_key() -> None:
    prompt, _, _, _ = await told(1_300, FACT, *(FILLER * 40 for _ in range(7)))
    assert "<<<E1>>>" in prompt
    assert prompt.count("<<<END") < 8


async def test_short_evidence_is_neither_cut_nor_counted() -> None:
    prompt, _, words, _ = await told(100_000, FACT, FILLER)
    assert "[…]" not in prompt
    assert not [text for text in words.counted if FACT in text]


async def test_where_the_context_is_unknown_all_evidence_is_sent() -> None:
    prompt, chat, _, _ = await told(None, FILLER * 200)
    assert prompt.count("harbour") == 200
    assert chat.prompts[1].max_tokens == 2048
