import random
from pathlib import Path

from radcite.backends.fakes import HashingTextEncoder
from radcite.training.pairs.reranker_rows import (
    Found,
    Searched,
    _keep,  # pyright: ignore[reportPrivateUsage]
    _kept,  # pyright: ignore[reportPrivateUsage]
    first_groups,
    gain,
    taught_groups,
)
from radcite.training.retriever.text_pairs import TextPair
from radcite.training.units import part_of

TRAIN = [name for name in map(str, range(200)) if part_of(name) == "train"]
DEV = [name for name in map(str, range(200)) if part_of(name) == "dev"]
HELD = [name for name in map(str, range(200)) if part_of(name) == "held"]


def found(unit: str, documents: list[str], gold: list[str]) -> Searched:
    hits = [
        Found(document=one, score=1 - n / 10, text=f"text {one}") for n, one in enumerate(documents)
    ]
    return Searched(
        source="bioasq", unit=unit, query=f"asked {unit}", gold=tuple(gold), hits=tuple(hits)
    )


def test_what_is_reported_on_is_neither_asked_nor_shown() -> None:
    documents = [*TRAIN[:4], *HELD[:4]]
    rows = [
        found(TRAIN[0], documents, TRAIN[:1]),
        found(HELD[0], documents, TRAIN[:1]),
        found(DEV[0], documents, TRAIN[:1]),
    ]
    (group,) = taught_groups(rows, 4, random.Random(0), {})
    assert (group.query, group.good) == (f"asked {TRAIN[0]}", f"text {TRAIN[0]}")
    assert set(group.others) == {f"text {one}" for one in TRAIN[1:4]}
    assert taught_groups(rows, 5, random.Random(0), {}) == []


def test_an_answer_that_the_search_missed_is_taken_from_its_set() -> None:
    rows = [found(TRAIN[0], TRAIN[1:4], [TRAIN[0]])]
    (group,) = taught_groups(rows, 3, random.Random(0), {TRAIN[0]: "the answer"})
    assert group.good == "the answer"


async def test_groups_to_begin_with_hold_texts_of_the_same_set_alone() -> None:
    pairs = [
        TextPair(source, f"{source} question {n}", f"{source} text {n} about {n % 9}", str(n))
        for source in ("qa", "other")
        for n in range(60)
    ]
    groups = await first_groups(pairs, HashingTextEncoder(), 4, 200, random.Random(0))
    assert len(groups) == 120
    for group in groups:
        source = group.query.split()[0]
        assert all(text.startswith(source) for text in (group.good, *group.others))
        assert group.good not in group.others
        assert len(set(group.others)) == 3


def test_the_gain_is_that_of_the_questions_of_one_part_and_language() -> None:
    rows = [
        found(DEV[0], ["a", "b", "c"], ["c"]),
        found(HELD[0], ["a", "b"], ["a"]),
        found(TRAIN[0], ["a", "b"], ["a"]),
    ]
    measured = gain(rows, "dev", lambda pairs: [float(text == "text c") for _, text in pairs])
    assert measured(0.0, "en") == [(0.5, 0.5)]
    assert measured(1.0, "en") == [(0.5, 1.0)]
    assert measured(1.0, "zh") == []


def test_a_text_with_a_line_separator_of_unicode_stays_one_row(tmp_path: Path) -> None:
    row = found(TRAIN[0], TRAIN[1:4], [TRAIN[0]])
    hit = row.hits[0].model_copy(update={"text": "one\u2028two\x85three"})
    _keep(tmp_path / "searched.jsonl", [row.model_copy(update={"hits": (hit,)})] * 2)
    assert [one.hits[0].text for one in _kept(tmp_path / "searched.jsonl")] == [hit.text] * 2
