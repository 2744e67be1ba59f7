"""What is reported shares no words with what may be trained on, whatever its id."""

import json
from pathlib import Path

import pytest

from radcite.evals.datasets import Data
from radcite.evals.questions.definition import question_set
from radcite.evals.questions.items import read_items
from radcite.evals.retrieval import (
    BIOASQ,
    MEDQUAD,
    BioasqQuestion,
    MedquadDocument,
    unread_documents,
    unread_questions,
)
from radcite.evals.units import held_apart, is_held, part_of, plain

HELD = [f"u{n}" for n in range(60) if is_held(f"u{n}")]
TRAINED_ON = next(f"u{n}" for n in range(60) if part_of(f"u{n}") == "train")
DATA = Path(__file__).parents[2] / "../shared/data"


def apart(*rows: tuple[str, str]) -> list[str]:
    return [unit for unit, _ in held_apart(rows, lambda row: row[0], lambda row: (row[1],))]


def test_a_held_unit_whose_words_are_trained_on_under_another_id_is_not_reported():
    rows = ((HELD[0], "Is X a kinase?"), (TRAINED_ON, "is x a KINASE"), (HELD[1], "Is Y?"))
    assert apart(*rows) == [HELD[1]]


def test_the_same_words_under_two_held_ids_are_reported():
    assert apart((HELD[0], "Is X?"), (HELD[1], "Is X?")) == [HELD[0], HELD[1]]


def test_rows_without_words_share_none():
    assert apart((HELD[0], "？"), (TRAINED_ON, " ")) == [HELD[0]]


def test_full_width_signs_and_case_do_not_make_another_question():
    assert plain("ＣＯＶＩＤ－19 是什么？") == plain("covid 19是什么")


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason="the measuring data is not beside the checkout")
def test_no_reported_question_or_focus_is_trained_on():
    data = Data(DATA)
    questions = data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
    trained_on = {plain(row.question) for row in questions if part_of(row.id) != "held"}
    unread = unread_questions(questions)
    assert not trained_on & {plain(row.question) for row in unread}
    assert len(unread) == sum(is_held(row.id) for row in questions) - 6
    documents = [row for row in data.rows(MEDQUAD, MedquadDocument) if row.is_answered]
    focuses = {plain(row.focus or "") for row in documents if part_of(row.unit) != "held"}
    assert not focuses & {plain(row.focus or "") for row in unread_documents(documents)} - {""}


@pytest.mark.data
@pytest.mark.skipif(not DATA.exists(), reason="the measuring data is not beside the checkout")
def test_questions_in_the_same_words_are_one_unit():
    items = read_items(question_set("exam-mmlu-med"), Data(DATA))
    of_words: dict[str, set[str]] = {}
    for item in items:
        words = json.dumps([plain(item.question), sorted(map(plain, item.options.values()))])
        of_words.setdefault(words, set()).add(item.unit)
    assert all(len(units) == 1 for units in of_words.values())
    assert len(of_words) < len(items)
