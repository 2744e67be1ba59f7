"""Probes of what an answer rests on: does it move with the image and the question, and was the test seen before?"""

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from radcite.core.claims import Answer
from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.evals.metrics.texts import rouge_l, words_of
from radcite.evals.questions.corpora import corpus_collection
from radcite.evals.questions.definition import question_set
from radcite.evals.questions.item import Item
from radcite.evals.questions.items import read_items
from radcite.evals.questions.scoring import verdict
from radcite.evals.retrieval import BIOASQ, BioasqDocument
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured

__all__ = ["contamination", "images_matter", "moved_by_images", "seen_before"]

_ASKED = 100
_EXAMS = ("exam-mmlu-med", "exam-medqa-us", "exam-medmcqa", "yesno-pubmedqa", "yesno-bioasq")
_RUN = 8
_THERE = re.compile(r"^(is|are|was|were) there (an? |any )?", re.IGNORECASE)


async def images_matter(context: Context) -> Measured:
    """VQA-RAD's closed questions with their image, and with what should move the answer."""
    definition = question_set("vqa-vqarad")
    closed = [
        item
        for item in read_items(definition, context.data)
        if item.gold[0][0].casefold() in {"yes", "no"} and _THERE.match(item.question)
    ]
    chosen = random.Random(context.seed).sample(closed, min(_ASKED, len(closed)))  # noqa: S311 - a fixed sample
    collection = await corpus_collection(definition.corpus, context)
    return await moved_by_images(context, context.limited(chosen), collection)


async def moved_by_images(context: Context, asked: Sequence[Item], collection: str) -> Measured:
    """How often answers move.

    Blank, noise and another case's image should change what is said; the question denied should turn yes into no. A
    system whose answers do not move does not look, whatever it scores.

    Args:
        context: Of the run.
        asked: Questions that begin with `Is there` and the like, of at least two units.
        collection: What is searched.
    """
    stand_ins = _stand_ins(context.work / "corpora" / "probe-images")
    sheet = Sheet()
    for done, item in enumerate(asked):
        context.tell("ask", done, len(asked))
        own = _image_of(context, item)
        first = await _said(context, collection, own, item.question)
        other = next(one for one in (*asked[done + 1 :], *asked) if one.unit != item.unit)
        images = {"the same again": own, **stand_ins, "another case": _image_of(context, other)}
        for system, path in images.items():
            moved = await _said(context, collection, path, item.question) != first
            sheet.add(system, "answer moved", item.id, moved, item.unit)
        words = _THERE.sub(r"\1 there no ", item.question)
        denied = await _said(context, collection, own, words)
        turned = {verdict(first), verdict(denied)} == {"yes", "no"}
        sheet.add("question denied", "verdict turned", item.id, turned, item.unit)
    notes = (
        "Moved: other claims, or an abstention. `the same again` tells how much answers move by themselves.",
        "Failed where fewer than half of the answers move.",
    )
    return Measured(sheet.scores(), notes)


async def _said(context: Context, collection: str, image: Path, words: str) -> list[str]:
    show = context.subject.show
    if show is None:
        raise RadciteError("INTERNAL", "this subject takes no images")
    question = Question(
        text=words,
        images=(await show(image),),
        collection=collection,
        task="diagnosis",
        language="en",
    )
    outcome = await context.subject.ask(question)
    return [claim.text for claim in outcome.claims] if isinstance(outcome, Answer) else []


def _stand_ins(folder: Path) -> Mapping[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).normal(128, 40, (512, 512)).clip(0, 255).astype(np.uint8)
    made = {"blank": np.full((512, 512), 128, np.uint8), "noise": noise}
    found: dict[str, Path] = {}
    for name, pixels in made.items():
        found[name] = folder / f"{name}.png"
        if not found[name].is_file():
            Image.fromarray(pixels).save(found[name])
    return found


def _image_of(context: Context, item: Item) -> Path:
    return context.data.found(item.image or "")


async def contamination(context: Context) -> Measured:
    """The exams, a hundred questions of each."""
    sets: dict[str, Sequence[Item]] = {}
    for name in _EXAMS:
        items = read_items(question_set(name), context.data)
        chosen = random.Random(context.seed).sample(items, min(_ASKED, len(items)))  # noqa: S311 - a fixed sample
        sets[name] = context.limited(chosen)
    return await seen_before(context, sets)


async def seen_before(context: Context, sets: Mapping[str, Sequence[Item]]) -> Measured:
    """Whether questions stand in the collection they are asked of, and whether the model knows them by heart.

    The model is given the first half of a question and asked for the rest: what it shares with the true rest is set
    against what it shares with that of another question. Without a model only the collection is looked at.

    Source: Golchin and Surdeanu, Time Travel in LLMs (2023), arXiv 2308.08493.
    """
    documents = context.data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument)
    known = {run for one in documents for run in _runs(str(one.record()["text"]))}
    sheet = Sheet()
    for name, asked in sets.items():
        for place, item in enumerate(asked):
            context.tell(name, place, len(asked))
            held = any(run in known for run in _runs(item.question))
            sheet.add("collection", f"eight words in a row stand there, {name}", item.id, held)
            await _remembered(context, sheet, name, item, asked[place - 1])
    notes = ["The collection is BioASQ's documents."]
    if context.subject.alone is None:
        notes.append("No language model is configured: its memory was not probed.")
    return Measured(sheet.scores(), notes)


async def _remembered(context: Context, sheet: Sheet, name: str, item: Item, other: Item) -> None:
    alone = context.subject.alone
    if alone is None:
        return
    first, rest = _halves(item.question)
    said = await alone(first, "en", "continue")
    sheet.add("its own rest", f"ROUGE-L, {name}", item.id, rouge_l(said, rest))
    another = _halves(other.question)[1]
    sheet.add("another's rest", f"ROUGE-L, {name}", item.id, rouge_l(said, another))


def _halves(text: str) -> tuple[str, str]:
    words = text.split()
    middle = len(words) // 2
    return " ".join(words[:middle]), " ".join(words[middle:])


def _runs(text: str) -> set[int]:
    words = words_of(text)
    return {hash(tuple(words[i : i + _RUN])) for i in range(len(words) - _RUN + 1)}
