"""Evidence that fits the model's context: where all of it does not, the sentences of most value for their tokens."""

from collections.abc import Sequence
from dataclasses import dataclass

from radcite.agent.state import Parts, State
from radcite.core.claims import Evidence
from radcite.core.ports import ChatPrompt, TokenCounter
from radcite.core.sentences import split_sentences
from radcite.core.sources import Case, Passage
from radcite.core.usage import estimated_tokens

__all__ = ["Room", "packed", "room_of"]

_SAFETY = 0.95
_LEAST_REPLY = 256
_REPLY_SHARE = 4
# How far an estimate may be off: within it, nothing is counted.
_ESTIMATE = 2.0
_FRAME = 24
_ELLIPSIS = " […] "
_UNSAID = 0.05


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens left for the evidence, and for the reply."""

    evidence: int
    reply: int


@dataclass(frozen=True, slots=True)
class _Sentence:
    item: int
    place: int
    words: str
    value: float


async def room_of(prompt: ChatPrompt, counter: TokenCounter) -> Room | None:
    """What a prompt without its evidence leaves of the model's context; None where that is not known.

    Args:
        prompt: The prompt as it would be without any evidence.
        counter: Counts the model's tokens.
    """
    context = await counter.context()
    if context is None:
        return None
    said = await counter.count([message.content for message in prompt.messages])
    framing = _FRAME * (1 + len(prompt.messages))
    reply = min(prompt.max_tokens, max(_LEAST_REPLY, context // _REPLY_SHARE))
    return Room(max(0, int(context * _SAFETY) - sum(said) - framing - reply), reply)


async def packed(
    state: State, parts: Parts, evidence: Sequence[Evidence], tokens: int
) -> tuple[Evidence, ...]:
    """The evidence that fits: all of it, or of its longer texts the sentences that are worth most for their tokens.

    A sentence is worth the share of the question's weight that its words hold, less the farther down its source was
    found. What is left out of a text is marked, so that nobody quotes across it; a source of which nothing fits is
    left out whole.

    Args:
        state: The turn.
        parts: Encodes the words and counts the tokens.
        evidence: What was found, best first.
        tokens: How many it may take.
    """
    counter = parts.tokens
    rough = sum(estimated_tokens(_text(item)) + _FRAME for item in evidence)
    if counter is None or rough * _ESTIMATE <= tokens:
        return tuple(evidence)
    sizes = await counter.count([_text(item) for item in evidence])
    if sum(sizes) + _FRAME * len(evidence) <= tokens:
        return tuple(evidence)
    sentences = await _valued(state, parts, evidence)
    costs = await counter.count([one.words for one in sentences])
    chosen = _chosen(sentences, costs, tokens)
    return tuple(
        _cut(item, kept)
        for number, item in enumerate(evidence)
        if (kept := [one for one in chosen if one.item == number])
    )


def _chosen(sentences: Sequence[_Sentence], costs: Sequence[int], tokens: int) -> list[_Sentence]:
    """The sentences of most value for their tokens, in the order of their places."""
    order = sorted(range(len(sentences)), key=lambda i: (-sentences[i].value / max(1, costs[i]), i))
    left, taken, opened = tokens, list[int](), set[int]()
    for i in order:
        # A source's first sentence also pays for the lines that frame it.
        cost = costs[i] + (0 if sentences[i].item in opened else _FRAME) + 2
        if cost <= left:
            left -= cost
            taken.append(i)
            opened.add(sentences[i].item)
    return [sentences[i] for i in sorted(taken)]


async def _valued(state: State, parts: Parts, evidence: Sequence[Evidence]) -> list[_Sentence]:
    question = state["question"]
    asked = await parts.sparse.encode_query(question.text, question.collection)
    weights = dict(zip(asked.indices, asked.values, strict=True))
    pieces = [
        (number, place, words)
        for number, item in enumerate(evidence)
        for place, words in enumerate(_pieces(item))
    ]
    vectors = parts.sparse.encode([words for _, _, words in pieces])
    total = sum(weights.values()) or 1.0
    return [
        _Sentence(
            number,
            place,
            words,
            (_UNSAID + sum(weights.get(term, 0.0) for term in vector.indices) / total)
            / (1 + number) ** 0.5,
        )
        for (number, place, words), vector in zip(pieces, vectors, strict=True)
    ]


def _text(item: Evidence) -> str:
    source = item.source
    if isinstance(source, Passage):
        return f"{source.title}\n{source.text}"
    if isinstance(source, Case):
        return source.searched_text()
    return source.model_dump_json()


def _pieces(item: Evidence) -> list[str]:
    """What can be left out by itself: a sentence of a passage or report; another source only as a whole."""
    match item.source:
        case Passage(text=text) | Case(report=text):
            return [text[start:end] for start, end in split_sentences(text)] or [_text(item)]
        case _:
            return [_text(item)]


def _cut(item: Evidence, kept: Sequence[_Sentence]) -> Evidence:
    """The evidence with these sentences alone; only a prompt ever sees it."""
    whole = _pieces(item)
    if len(kept) == len(whole):
        return item
    told, before = "", -1
    for one in kept:
        gap = _ELLIPSIS if one.place > before + 1 else " "
        told += (gap if told or one.place else "") + one.words
        before = one.place
    told += _ELLIPSIS.rstrip() if before + 1 < len(whole) else ""
    # The span no longer fits the text: the gate looks quotes up in the evidence itself.
    name = "report" if isinstance(item.source, Case) else "text"
    return item.model_copy(update={"source": item.source.model_copy(update={name: told.strip()})})
