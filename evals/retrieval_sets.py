"""Two further retrievals: NIH's documents by their questions, and figure captions by those of the same article."""

import random
from collections import defaultdict

from radcite.evals.datasets import Row
from radcite.evals.ranking import ndcg, recall
from radcite.evals.retrieval import (
    MEDQUAD,
    MedquadDocument,
    by_every_system,
    of_one_focus,
    unread_documents,
)
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured, documents_collection
from radcite.evals.units import held_apart

__all__ = ["medquad", "roco"]

_ROCO = "text/roco_captions/captions.jsonl.gz"
_ASKED = 500
_DEPTH = 10


async def medquad(context: Context) -> Measured:
    """Questions to the documents on their focus, among all of NIH's."""
    answered = (row for row in context.data.rows(MEDQUAD, MedquadDocument) if row.is_answered)
    rows = list({row.url: row for row in answered}.values())
    gold = of_one_focus(rows)
    held = unread_documents(rows)
    chosen = random.Random(context.seed).sample(held, min(_ASKED, len(held)))  # noqa: S311 - a fixed sample
    collection = await documents_collection(
        context, "crosslingual-medquad", (row.record() for row in rows)
    )
    sheet = Sheet()
    for done, row in enumerate(asked := context.limited(chosen)):
        context.tell("search", done, len(asked))
        question = next(one.question for one in row.qa if one.answer)
        for system, found in (await by_every_system(context, collection, question)).items():
            sheet.add(system, "nDCG@10", row.url, ndcg(found, gold[row.url]))
            sheet.add(system, "R@10", row.url, recall(found, gold[row.url]))
    notes = (
        f"{len(rows)} documents; those on one focus answer alike. A question mostly names its focus, so this is easy.",
        f"A sample by the seed: {len(chosen)} of the {len(held)} documents on whose focus no training read any.",
    )
    return Measured(sheet.scores(), notes)


class _Caption(Row):
    roco_id: str
    pmcid: str
    caption: str


async def roco(context: Context) -> Measured:
    """A figure's caption to the other captions of its article."""
    rows = context.data.rows(_ROCO, _Caption)
    of_article: dict[str, list[_Caption]] = defaultdict(list)
    for row in rows:
        of_article[row.pmcid].append(row)
    records = ({"id": row.roco_id, "text": row.caption, "language": "en"} for row in rows)
    collection = await documents_collection(context, "roco", records)
    held = held_apart(rows, lambda row: row.pmcid, lambda row: (row.caption,))
    several = [row for row in held if len(of_article[row.pmcid]) > 1]
    sheet = Sheet()
    for done, row in enumerate(asked := context.limited(several)):
        context.tell("search", done, len(asked))
        gold = {one.roco_id for one in of_article[row.pmcid]} - {row.roco_id}
        ranked = await by_every_system(context, collection, row.caption[:1000], _DEPTH + 1)
        for system, found in ranked.items():
            others = [one for one in found if one != row.roco_id][:_DEPTH]
            sheet.add(system, "R@10", row.roco_id, recall(others, gold), row.pmcid)
            sheet.add(system, "nDCG@10", row.roco_id, ndcg(others, gold), row.pmcid)
    notes = (
        f"{len(rows)} captions of {len(of_article)} articles; asked are captions of articles with several.",
        "The captions are without their images.",
    )
    return Measured(sheet.scores(), notes)
