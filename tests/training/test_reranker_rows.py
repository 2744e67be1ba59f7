import json
import random
from pathlib import Path

import numpy as np
import pytest

from radcite.backends.fakes import HashingTextEncoder
from radcite.training.cross_words import frequent_chinese, widened_words
from radcite.training.reranker_rows import Found, Searched, first_groups, gain, taught_groups
from radcite.training.text_pairs import TextPair
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


@pytest.fixture
def minilm(tmp_path: Path) -> Path:
    """A tokenizer of MiniLM's form with few words."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[unused1]", "lung", "nodule", "##s", "é"]
    special = [
        {
            "id": number,
            "content": name,
            "special": True,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
        }
        for number, name in enumerate(words[:4])
    ]
    content = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": special,
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": True,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {word: number for number, word in enumerate(words)},
        },
    }
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


@pytest.mark.parametrize(
    ("chinese", "cut"),
    [
        ("肺结节", ["肺", "结", "节"]),
        (["肺", "结节", "结", "节"], ["肺", "##结节"]),
    ],
)
def test_chinese_is_cut_by_character_or_by_the_runs_that_are_known(
    minilm: Path, chinese: list[str], cut: list[str]
) -> None:
    from tokenizers import Tokenizer

    rows = np.random.default_rng(0).standard_normal((9, 6)).astype(np.float32)
    static = {"lung": np.ones(5, np.float32), "nodule": np.zeros(5, np.float32)}
    made = widened_words(minilm, rows, chinese, static)
    tokenizer = Tokenizer.from_str(made.tokenizer)
    pair = tokenizer.encode("Lung nodules 肺结节", "肺")
    assert pair.tokens == ["[CLS]", "lung", "nodule", "##s", *cut, "[SEP]", "肺", "[SEP]"]
    assert pair.type_ids == [0] * (len(cut) + 5) + [1, 1]
    assert max(pair.ids) < len(made.rows) == 7 + len(chinese)
    assert np.allclose(made.rows[tokenizer.token_to_id("lung")], rows[5])


def test_only_runs_that_are_often_met_get_a_row(tmp_path: Path) -> None:
    from radcite.training.student_tokenizer import build_tokenizer

    path = tmp_path / "static.json"
    path.write_text(build_tokenizer(["[UNK]", "[CLS]", "肺", "结", "节", "结节"]), "utf-8")
    assert frequent_chinese(path, ["肺结节", "结节"], 2) == {"肺", "结", "节", "结节"}
    assert frequent_chinese(path, ["肺结节"], 2) == {"肺", "结", "节"}
