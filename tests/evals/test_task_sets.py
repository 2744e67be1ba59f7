"""Tasks of the registry over small data of their own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.evals.crosslingual import parity
from radcite.evals.datasets import Data
from radcite.evals.images.votes import votes
from radcite.evals.paraphrases import cmedqq
from radcite.evals.probes import moved_by_images, seen_before
from radcite.evals.questions.corpora import corpus_collection
from radcite.evals.questions.definition import QuestionSet, question_set
from radcite.evals.questions.item import Item
from radcite.evals.questions.items import read_items
from radcite.evals.retrieval_sets import medquad, roco
from radcite.evals.task import Context
from radcite.evals.units import is_held
from tests.apps.outcomes import abstained, answered
from tests.evals.scene import Told
from tests.evals.test_tasks import write

HELD = [f"u{n}" for n in range(60) if is_held(f"u{n}")]


def document(key: str, focus: str) -> dict[str, object]:
    qa = [{"question": f"What is {focus}?", "answer": f"{focus} is {key}."}]
    return {"doc_id": key, "url": f"http://x/{key}", "focus": focus, "qa": qa}


async def test_documents_on_one_focus_answer_alike(tmp_path: Path) -> None:
    one, same, other = HELD[:3]
    rows = [document(one, "gout"), document(same, "Gout"), document(other, "lupus")]
    write(tmp_path / "text/medquad/medquad.jsonl.gz", rows)
    told = Told(
        {
            "What is gout?": [f"http://x/{same}", f"http://x/{one}"],
            "What is lupus?": [f"http://x/{one}"],
        }
    )
    measured = await medquad(told.context(tmp_path, tmp_path / "work"))
    scores = {
        (each.system, each.metric): dict(zip(each.ids, each.values, strict=True))
        for each in measured.scores
    }
    assert scores["hybrid", "R@10"] == {
        f"http://x/{one}": 1,
        f"http://x/{same}": 0,
        f"http://x/{other}": 0,
    }


async def test_a_caption_does_not_find_itself(tmp_path: Path) -> None:
    article = next(name for name in HELD)
    rows = [
        {"roco_id": f"R{i}", "pmcid": article if i < 2 else "alone", "caption": f"caption {i}"}
        for i in range(3)
    ]
    write(tmp_path / "text/roco_captions/captions.jsonl.gz", rows)
    told = Told({"caption 0": ["R0", "R1"], "caption 1": ["R1", "R2"]})
    measured = await roco(told.context(tmp_path, tmp_path / "work"))
    assert measured.scores[0].values == (1, 0)


async def test_both_languages_are_asked_of_the_same_documents(tmp_path: Path) -> None:
    lists = Path(__file__).parents[2] / "evals/data/crosslingual/dev.jsonl"
    rows = [json.loads(line) for line in lists.read_text("utf-8").splitlines()]
    row = next(row for row in rows if row["set"] == "bioasq" and is_held(row["id"]))
    passages = [{"section": "abstract", "text": "words"}]
    write(tmp_path / "text/bioasq/corpus.jsonl.gz", [{"pmid": "1", "passages": passages}])
    questions = [
        {"id": each["id"], "question": f"English {each['id']}", "gold_pmids": ["1"]}
        for each in rows
    ]
    write(tmp_path / "text/bioasq/questions.jsonl.gz", questions)
    told = Told({f"English {row['id']}": ["1"]})
    measured = await parity(told.context(tmp_path, tmp_path / "work"))
    found = {each.system: sum(each.values) for each in measured.scores if each.metric == "R@10"}
    assert found == {"asked in Chinese": 0, "asked in English": 1}


class Lengths:
    """A text encoder that knows how long a text is."""

    fingerprint, dim, languages = "lengths", 2, frozenset({"zh"})

    async def encode(self, texts: Sequence[str]) -> np.ndarray:
        angles = np.array([len(text) / 10 for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    async def encode_query(self, text: str) -> np.ndarray:
        return await self.encode([text])


async def test_pairs_are_ordered_by_their_vectors(tmp_path: Path) -> None:
    pairs = [("肺炎", "感冒", 1), ("肺炎", "什么是糖尿病的并发症", 0)] * 3
    rows = [{"q1": one, "q2": other, "label": label} for one, other, label in pairs]
    write(tmp_path / "text/zh/cmedqq/dev.jsonl.gz", rows)
    context = Told().context(tmp_path, tmp_path)
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await cmedqq(context)
    measured = await cmedqq(replace(context, subject=replace(context.subject, text=Lengths())))
    found = {(row.system, row.metric): row.mean for row in measured.rows}
    assert found["text encoder", "AUROC"] == 1
    assert found["shared bigrams", "AUROC"] == 0.5


def set_of(folder: Path, name: str, rows: Sequence[Mapping[str, object]]) -> QuestionSet:
    from radcite.evals.datasets import digest_of

    known = question_set(name)
    write(folder / known.data.path, rows)
    data = {"path": known.data.path, "sha256": digest_of(folder / known.data.path)}
    return QuestionSet.model_validate({**known.model_dump(), "data": data})


def picture(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8), shade, np.uint8)).save(path)


async def test_questions_about_images_name_image_unit_and_what_is_right(tmp_path: Path) -> None:
    patient = next(str(n) for n in range(200) if is_held(f"nih-{n}"))
    other = next(str(n) for n in range(200) if not is_held(f"nih-{n}"))
    films = [
        {
            "image": f"images/{who}.jpg",
            "patientid": who,
            "labels": ["Pleural_Thickening"],
            "view": "PA",
        }
        for who in (patient, other)
    ]
    for film in films:
        picture(tmp_path / "images/nih_cxr" / str(film["image"]), 9)
    definition = set_of(tmp_path, "labels-nih", films)
    (item,) = read_items(definition, Data(tmp_path))
    assert (item.unit, item.image) == (f"nih-{patient}", f"images/nih_cxr/images/{patient}.jpg")
    assert item.gold == (("Pleural Thickening",),)
    told = Told()
    context = told.context(tmp_path, tmp_path / "work")
    await corpus_collection("nih", context)
    listed = (tmp_path / "work/corpora/questions-nih/cases.jsonl").read_text("utf-8")
    assert [json.loads(line)["case_id"] for line in listed.splitlines()] == [other]


async def test_an_image_of_the_users_that_is_missing_is_named(tmp_path: Path) -> None:
    row = {
        "qid": 1,
        "img_name": "xmlab0/source.jpg",
        "question": "?",
        "answer": "MRI",
        "q_lang": "en",
    }
    definition = set_of(tmp_path, "vqa-slake-en", [row])
    (item,) = read_items(definition, Data(tmp_path))
    with pytest.raises(RadciteError, match=r"NOT_FOUND: images/slake/imgs/xmlab0"):
        Data(tmp_path).found(item.image or "")


async def test_neighbours_votes_are_scored_with_intervals_and_sets(tmp_path: Path) -> None:
    def listed(folder: str, rows: Sequence[Mapping[str, object]]) -> None:
        write(tmp_path / f"images/{folder}/images.jsonl", rows)
        for row in rows:
            picture(tmp_path / f"images/{folder}" / str(row["image"]), hash(str(row)) % 200)

    listed(
        "nih_cxr",
        [
            {
                "image": f"{n}.png",
                "patientid": str(n),
                "labels": ["Edema"] if n % 2 else ["Mass"],
                "view": "PA",
            }
            for n in range(60)
        ],
    )
    listed(
        "covidcxr",
        [
            {
                "image": f"{n}.png",
                "patientid": str(n),
                "group": "g",
                "finding": "COVID-19" if n % 2 else "Pneumonia",
                "modality": "X-ray",
                "licence": "CC0",
            }
            for n in range(60)
        ],
    )
    listed("brain_mri", [{"image": f"{n}.png", "diagnosis": "ab"[n % 2]} for n in range(60)])
    measured = await votes(Told().context(tmp_path, tmp_path / "work"))
    names = {row.metric for row in measured.rows}
    assert {"AUROC Edema, NIH", "debiased ECE, brain MRI", "conformal coverage, brain MRI"} <= names
    assert all(row.low <= row.mean <= row.high for row in measured.rows)


class Blind(Told):
    """Answers the question whatever the image; without one it says nothing."""

    async def ask(self, question: Question, /) -> Answer | Abstention:
        return answered("d", words="Yes, it is.") if question.images else abstained()


def context_with(told: Told, folder: Path, **parts: object) -> Context:
    context = told.context(folder, folder / "work")
    return replace(context, subject=replace(context.subject, **parts))


async def test_answers_that_do_not_move_are_told(tmp_path: Path) -> None:
    items = [
        Item(
            id=str(n),
            question="Is there a mass?",
            gold=(("yes",),),
            image=f"images/{n}.png",
            unit=f"c{n}",
        )
        for n in range(2)
    ]
    for item in items:
        picture(tmp_path / str(item.image), 9)

    async def show(path: Path) -> str:
        return path.name

    measured = await moved_by_images(context_with(Blind(), tmp_path, show=show), items, "c")
    rows = {(each.system, each.metric): each.values for each in measured.scores}
    assert rows["blank", "answer moved"] == rows["another case", "answer moved"] == (0, 0)
    assert rows["question denied", "verdict turned"] == (0, 0)


async def test_a_model_that_knows_a_test_by_heart_is_told(tmp_path: Path) -> None:
    words = "one two three four five six seven eight nine ten"
    passages = [{"section": "abstract", "text": words}]
    write(tmp_path / "text/bioasq/corpus.jsonl.gz", [{"pmid": "1", "passages": passages}])
    questions = (words, "quite another question of some length than that")
    items = [Item(id=str(n), question=text, gold=(("A",),)) for n, text in enumerate(questions)]

    async def alone(text: str, language: str, prompt: str, /) -> str:
        return "six seven eight nine ten" if text.startswith("one") else "nothing of it"

    sets = {"exam": items}
    without = await seen_before(context_with(Told(), tmp_path), sets)
    (held,) = without.scores
    assert dict(zip(held.ids, held.values, strict=True)) == {"0": 1, "1": 0}
    known = await seen_before(context_with(Told(), tmp_path, alone=alone), sets)
    shared = {each.system: each.values for each in known.scores}
    assert shared["its own rest"][0] == 1
    assert shared["another's rest"][0] == 0
