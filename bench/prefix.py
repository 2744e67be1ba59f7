"""How much of a batch's prompts a server's prefix cache finds again, in blocks of 16 tokens, as vLLM keeps them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from bench.timing import Row
from bench.turns import AtOnce, fake_parts, passages_of, questions
from radcite.agent.ask import ask
from radcite.agent.graph import build_graph
from radcite.core.ports import ChatPrompt
from radcite.prompts.registry import load

__all__ = ["prefix_rows"]

_BLOCK = 16
_AT_ONCE = 32


async def prefix_rows(_: Path, count: int) -> list[Row]:
    """The share of blocks found again, over what the templates allow, and over all blocks sent."""
    prompts = await _sent(count)
    tokens = [_tokens(_text(prompt)) for prompt in prompts]
    allowed = sum(_allowed(prompt) for prompt in prompts)
    # The first prompt of each template fills the cache and can find nothing.
    seen: set[str] = set()
    for prompt in prompts:
        if prompt.name not in seen:
            seen.add(prompt.name)
            allowed -= _allowed(prompt)
    found = _found_again(tokens)
    blocks = sum(len(each) // _BLOCK for each in tokens)
    return [
        Row("prompts sent", len(prompts), note=f"{count} questions, {_AT_ONCE} at once"),
        Row("blocks found again / what the templates allow", found / allowed, "", ">= 0.9"),
        Row("blocks found again / all blocks", found / blocks),
    ]


async def _sent(count: int) -> list[ChatPrompt]:
    """The prompts of a batch in the order in which they were sent."""
    passages = passages_of(count + 8)
    graph, sent = build_graph(), list[ChatPrompt]()
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(number: int) -> None:
        question = asked[number]
        async with slots:
            parts = fake_parts(passages[number : number + 8])
            cast("AtOnce", parts.chat).prompts = sent
            await ask(graph, parts, question)

    asked = list(questions(passages, count))
    await asyncio.gather(*(one(number) for number in range(count)))
    return sent


def _found_again(prompts: Sequence[Sequence[str]]) -> int:
    """Whole blocks whose text, and all before it, was sent before."""
    kept: set[tuple[int, int]] = set()
    found = 0
    for tokens in prompts:
        chain = 0
        for number in range(len(tokens) // _BLOCK):
            chain = hash((chain, tuple(tokens[number * _BLOCK : (number + 1) * _BLOCK])))
            found += (number, chain) in kept
            kept.add((number, chain))
    return found


def _allowed(prompt: ChatPrompt) -> int:
    """Whole blocks of a template before anything that differs from request to request."""
    name, version, language = prompt.name.split(".")
    template = load(name, int(version.removeprefix("v")), "zh" if language == "zh" else "en")
    fixed = f"{template.system}\n{template.user.partition('{{')[0]}"
    return len(_tokens(fixed)) // _BLOCK


def _text(prompt: ChatPrompt) -> str:
    return "\n".join(message.content for message in prompt.messages)


def _tokens(text: str) -> list[str]:
    """Pieces about as long as a byte-pair tokenizer's: what is counted is a share of equal pieces."""
    pieces: list[str] = []
    for word in text.replace("\n", " \n ").split(" "):
        if word.isascii():
            pieces += [word[at : at + 5] for at in range(0, max(1, len(word)), 5)]
        else:
            pieces += list(word)
    return pieces
