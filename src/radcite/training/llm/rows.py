"""Records as a causal language model is trained on them: tokens, with a loss on the reply alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from radcite.core.errors import RadciteError
from radcite.training.llm.grounded import GroundedRecord, messages_of

__all__ = ["NO_LOSS", "ChatTokenizer", "TokenRow", "fitting", "packed", "token_row"]

NO_LOSS = -100


class ChatTokenizer(Protocol):
    """The part of a Hugging Face tokenizer that is used here."""

    chat_template: str | None

    def apply_chat_template(self, conversation: Sequence[Mapping[str, str]], **options: Any) -> str:
        """The messages as one text."""
        ...

    def encode(self, text: str, **options: Any) -> list[int]:
        """The tokens of a text."""
        ...


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A prompt with its reply. `ids` and `labels` are equally long; labels are -100 where there is no loss.

    `starts` are where the records of a packed row begin.
    """

    owner: str
    ids: tuple[int, ...]
    labels: tuple[int, ...]
    starts: tuple[int, ...] = (0,)

    def positions(self) -> list[int]:
        """Each token's place in its record."""
        bounds = [*self.starts, len(self.ids)]
        return [place for start, end in pairwise(bounds) for place in range(end - start)]


def token_row(tokenizer: ChatTokenizer, record: GroundedRecord) -> TokenRow:
    """The record in the model's own chat template, as the server will write it.

    Raises:
        RadciteError: `CONFIG_INVALID` for a tokenizer without a chat template, or one whose template writes the prompt
            otherwise once a reply follows.
    """
    if not tokenizer.chat_template:
        raise RadciteError(
            "CONFIG_INVALID",
            "the model has no chat template: take an instruction-tuned one, or put chat_template.jinja beside it",
            "模型没有对话模板：请使用指令微调的模型，或在其目录中放入 chat_template.jinja",
        )
    messages = [
        {"role": message.role, "content": message.content} for message in messages_of(record)
    ]
    asked = tokenizer.apply_chat_template(messages[:-1], tokenize=False, add_generation_prompt=True)
    whole = tokenizer.apply_chat_template(messages, tokenize=False)
    if not whole.startswith(asked):
        raise RadciteError(
            "CONFIG_INVALID",
            "the model's chat template writes a prompt otherwise once a reply follows",
            "模型的对话模板在加入回复后改变了提示部分",
        )
    prompt = tokenizer.encode(asked, add_special_tokens=False)
    reply = tokenizer.encode(whole[len(asked) :], add_special_tokens=False)
    return TokenRow(record.owner, (*prompt, *reply), (*(NO_LOSS for _ in prompt), *reply))


def fitting(rows: Sequence[TokenRow], most: int) -> list[TokenRow]:
    """The rows that are not longer than `most` tokens: a cut one would teach to break off.

    Raises:
        RadciteError: `VALIDATION` when none is left.
    """
    kept = [row for row in rows if len(row.ids) <= most]
    if not kept:
        shortest = min(len(row.ids) for row in rows)
        raise RadciteError(
            "VALIDATION",
            f"the shortest record has {shortest} tokens, more than --max-tokens {most}",
            f"最短的记录有 {shortest} 个词元，超过 --max-tokens {most}",
        )
    return kept


def packed(rows: Sequence[TokenRow], most: int) -> list[TokenRow]:
    """Several records in each row of at most `most` tokens, first fit; their order is kept within a row.

    A record sees nothing of those beside it: positions begin anew with each, by which attention is bounded.
    """
    bins: list[list[TokenRow]] = []
    room: list[int] = []
    for row in rows:
        place = next((i for i, free in enumerate(room) if free >= len(row.ids)), None)
        if place is None:
            bins.append([row])
            room.append(most - len(row.ids))
        else:
            bins[place].append(row)
            room[place] -= len(row.ids)
    return [_joined(some) for some in bins]


def _joined(rows: Sequence[TokenRow]) -> TokenRow:
    starts = tuple(_starts(rows))
    return TokenRow(
        rows[0].owner,
        tuple(token for row in rows for token in row.ids),
        tuple(label for row in rows for label in row.labels),
        starts,
    )


def _starts(rows: Sequence[TokenRow]) -> Iterator[int]:
    start = 0
    for row in rows:
        yield start
        start += len(row.ids)
