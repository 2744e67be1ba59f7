"""Questions with what answers them there or taken out: what the floor is fitted on, and what it is judged on."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from radcite.core.sources import Language
from radcite.evals.crosslingual import translated
from radcite.evals.retrieval import (
    BIOASQ,
    MEDQUAD,
    PUBMEDQA,
    TOYHOM,
    BioasqDocument,
    BioasqQuestion,
    MedquadDocument,
    PubmedqaRow,
    ToyhomRow,
    held_back,
    unread_abstracts,
    unread_consultations,
    unread_documents,
    unread_questions,
)
from radcite.evals.task import Context

__all__ = ["QuestionSet", "across_sets", "english_sets", "toyhom_sets"]

_QUESTIONS = 300
_DISTRACTORS = 1500
# Liver, breath and kidney; digestion, nerves, heart and glands: answers of one department seldom serve another's.
_DEPARTMENTS_OUT = (
    frozenset({"肝病科", "呼吸科", "肾内科"}),
    frozenset({"消化科", "神经科", "心血管科", "内分泌科"}),
)


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions asked of `documents`: id, words, and whether a document there answers."""

    name: str
    language: Language
    documents: Sequence[Mapping[str, object]]
    questions: Sequence[tuple[str, str, bool]]


def english_sets(context: Context, rng: random.Random) -> list[QuestionSet]:
    """BioASQ, PubMedQA and MedQuAD, every other question's documents taken out."""
    return [_bioasq(context, rng), _pubmedqa(context, rng), _medquad(context, rng)]


def toyhom_sets(context: Context, rng: random.Random) -> list[QuestionSet]:
    """Chinese answers without some departments, asked questions of all; what Toyhom is judged on is left out."""
    rows = context.data.rows(TOYHOM, ToyhomRow)
    unread = {row.id for row in unread_consultations(rows)}
    judged = set(held_back(len(rows)))
    usable = [row for i, row in enumerate(rows) if i not in judged]
    sets: list[QuestionSet] = []
    for number, out in enumerate(_DEPARTMENTS_OUT, 1):
        inside = [row for row in usable if row.department not in out]
        kept = rng.sample(inside, min(_DISTRACTORS, len(inside)))
        there = [row for row in kept if row.id in unread]
        gone = [row for row in usable if row.department in out and row.id in unread]
        half = min(_QUESTIONS // 2, len(there), len(gone))
        questions = [(row.id, row.ask, True) for row in rng.sample(there, half)]
        questions += [(row.id, row.ask, False) for row in rng.sample(gone, half)]
        records = [row.record() for row in kept]
        sets.append(QuestionSet(f"toyhom-{number}", "zh", records, context.limited(questions)))
    return sets


def across_sets(context: Context, rng: random.Random) -> list[QuestionSet]:
    """The development half of the Chinese questions to English documents."""
    sets: list[QuestionSet] = []
    for name, documents, asked in translated(replace(context, half="dev")):
        gold = {key for _, _, keys in asked for key in keys}
        others = sorted(documents.keys() - gold)
        chosen = [*gold, *rng.sample(others, min(_QUESTIONS, len(others)))]
        kept = {key: documents[key] for key in sorted(chosen) if key in documents}
        sets.append(_every_other(f"{name} in Chinese", "zh", kept, context.limited(asked)))
    return sets


def _every_other(
    name: str,
    language: Language,
    documents: Mapping[str, Mapping[str, object]],
    asked: Sequence[tuple[str, str, frozenset[str]]],
) -> QuestionSet:
    """Every other question's documents are taken out; a question between the two is not asked."""
    gone = frozenset(one for _, _, gold in asked[1::2] for one in gold)
    kept = {key: record for key, record in documents.items() if key not in gone}
    judged = [
        (key, text, any(one in kept for one in gold), place % 2 == 0)
        for place, (key, text, gold) in enumerate(asked)
    ]
    questions = [(key, text, there) for key, text, there, meant in judged if there == meant]
    return QuestionSet(name, language, list(kept.values()), questions)


def _bioasq(context: Context, rng: random.Random) -> QuestionSet:
    documents = {
        row.pmid: row.record()
        for row in context.data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
    }
    rows = context.data.rows(f"{BIOASQ}/questions.jsonl.gz", BioasqQuestion)
    questions = [
        (row.id, row.question, frozenset(row.gold_pmids) & documents.keys())
        for row in rng.sample(unread_questions(rows), _QUESTIONS)
    ]
    gold = {key for _, _, keys in questions for key in keys}
    others = rng.sample(sorted(documents.keys() - gold), _DISTRACTORS // 2)
    chosen = {key: documents[key] for key in sorted(gold | set(others))}
    return _every_other("bioasq", "en", chosen, context.limited(questions))


def _pubmedqa(context: Context, rng: random.Random) -> QuestionSet:
    rows = context.data.rows(PUBMEDQA, PubmedqaRow)
    usable = unread_abstracts(rows)
    questions = [
        (row.id, row.question, frozenset({row.id}))
        for row in rng.sample(usable, min(_QUESTIONS, len(usable)))
    ]
    documents = {row.id: row.record() for row in rows}
    return _every_other("pubmedqa", "en", documents, context.limited(questions))


def _medquad(context: Context, rng: random.Random) -> QuestionSet:
    """Documents of one focus answer each other's questions, so they are taken out together."""
    answered = [row for row in context.data.rows(MEDQUAD, MedquadDocument) if row.is_answered]
    rows = [row for row in unread_documents(answered) if row.focus]
    rows = list({row.url: row for row in rng.sample(rows, _QUESTIONS)}.values())
    documents = {row.url: row.record() for row in rows}
    questions = [
        (row.url, rng.choice([one.question for one in row.qa if one.answer]), gold)
        for row in rows
        for gold in [_of_one_focus(rows, row)]
    ]
    return _every_other("medquad", "en", documents, context.limited(questions))


def _of_one_focus(rows: Iterable[MedquadDocument], one: MedquadDocument) -> frozenset[str]:
    focus = (one.focus or "").casefold()
    return frozenset(row.url for row in rows if (row.focus or "").casefold() == focus)
