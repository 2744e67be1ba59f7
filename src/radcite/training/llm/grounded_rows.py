"""Grounded records out of the free question sets: what answers stands among what only looks like it, or is missing."""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from radcite.agent.drafts import DraftCitation, DraftClaim
from radcite.core.errors import RadciteError
from radcite.core.language import detect_language
from radcite.core.ports import TextEncoder
from radcite.core.sentences import split_sentences
from radcite.core.sources import Language
from radcite.core.tokens import Tokenizer
from radcite.evals.datasets import Data
from radcite.evals.units import plain
from radcite.training.leakage import evaluated_questions
from radcite.training.licences import LICENCES
from radcite.training.llm.grounded import GroundedPassage, GroundedRecord
from radcite.training.pairs.reranker_rows import Group, first_groups
from radcite.training.retriever.text_pairs import read_text_pairs

__all__ = ["write_grounded"]

_SETS = {
    "bioasq": "text/bioasq",
    "medquad": "text/medquad",
    "qa-zh": "text/zh/huatuo_bencao",
    "toyhom": "text/zh/toyhom_internal_medicine",
}
_EVIDENCE = 6
_MOST_CLAIMS = 3
_SHORTEST, _LONGEST = {"en": 30, "zh": 8}, {"en": 320, "zh": 140}
_LEAST_SHARED = 1


async def write_grounded(
    data: Data, encoder: TextEncoder, out: Path, *, most: int, silent: float, seed: int
) -> int:
    """Write records to `out`; how many there are.

    Each has a question, up to five passages that the encoder takes for near it and, unless it is to be left
    unanswered, the one that answers it, at a random place. Its claims are sentences of that one which share words with
    the question. Only units of the training part are read; what an evaluation set asks in the same words is left out.

    Args:
        data: The data folder.
        encoder: Reads both languages; finds what looks like an answer.
        out: The JSONL file.
        most: Records made at most.
        silent: The share, in [0, 1), whose evidence does not answer.
        seed: Of every draw.

    Raises:
        RadciteError: `NOT_FOUND` for a missing file.
    """
    rng = random.Random(seed)  # noqa: S311 - a fixed sample
    pairs = [pair for pair in read_text_pairs(data, "train").pairs if pair.source in _SETS]
    records: list[GroundedRecord] = []
    for source, folder in _SETS.items():
        mine = [pair for pair in pairs if pair.source == source]
        share = round(most * len(mine) / len(pairs)) + 1
        groups = await first_groups(mine, encoder, _EVIDENCE, 2 * share, rng)
        units = {pair.query: pair.unit for pair in mine}
        made = _records(groups, units, LICENCES[folder], silent, rng)
        records += [record for record, _ in zip(made, range(share), strict=False)]
    asked = evaluated_questions(data, lambda _: None)
    records = [record for record in records if plain(record.question) not in asked]
    if not records:
        raise RadciteError("NOT_FOUND", "no question to make a record of", "没有可用的问题")
    rng.shuffle(records)
    lines = "".join(f"{record.model_dump_json()}\n" for record in records)
    _write(out, lines)
    return len(records)


def _write(out: Path, lines: str) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(lines, "utf-8")


def _records(
    groups: Sequence[Group],
    units: dict[str, str],
    licence: str,
    silent: float,
    rng: random.Random,
) -> Iterator[GroundedRecord]:
    tokenizer = Tokenizer()
    for number, group in enumerate(groups):
        language = detect_language(group.query)
        answered = rng.random() >= silent
        texts = [*([group.good] if answered else []), *group.others]
        rng.shuffle(texts)
        claims: tuple[DraftClaim, ...] = ()
        if answered:
            key = f"E{texts.index(group.good) + 1}"
            claims = tuple(_claims(group, key, language, tokenizer))
            if not claims:
                continue
        unit = units[group.query]
        yield GroundedRecord(
            id=f"{unit}-{number}",
            unit=unit,
            language=language,
            question=group.query,
            evidence=tuple(GroundedPassage(text=text) for text in texts),
            claims=claims,
            licence=licence,
        )


def _claims(
    group: Group, key: str, language: Language, tokenizer: Tokenizer
) -> Iterator[DraftClaim]:
    """The answer's sentences that share most words with the question, in the order in which they stand."""
    asked = set(tokenizer(group.query))
    usable = [
        sentence
        for start, end in split_sentences(group.good)
        if _SHORTEST[language]
        <= len(sentence := group.good[start:end].strip())
        <= _LONGEST[language]
        and not re.search(r"[?？\n]", sentence)
    ]
    shared = {sentence: len(asked & set(tokenizer(sentence))) for sentence in usable}
    best = sorted(shared, key=lambda one: -shared[one])[:_MOST_CLAIMS]
    for sentence, common in shared.items():
        if sentence in best and common >= _LEAST_SHARED:
            yield DraftClaim(
                citations=(DraftCitation(evidence=key, quote=sentence),),
                about="literature",
                text=sentence,
            )
