"""Chinese questions asked of answers from their own department, and of answers from others."""

import random

from radcite.core.claims import Abstention
from radcite.core.question import Question
from radcite.evals.retrieval import TOYHOM, ToyhomRow, held_back, unread_consultations
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured, documents_collection

__all__ = ["abstention"]

_ASKED = 300
_FIRST = frozenset({"消化科", "心血管科", "呼吸科", "血液科", "感染科"})


async def abstention(context: Context) -> Measured:
    """Silence in front of answers of other departments, and of one's own; questions nothing was chosen on."""
    rows = context.data.rows(TOYHOM, ToyhomRow)
    sides = {
        name: await documents_collection(
            context,
            name,
            (row.record() for row in rows if (row.department in _FIRST) == inside),
        )
        for name, inside in (("toyhom-first", True), ("toyhom-second", False))
    }
    rng = random.Random(context.seed)  # noqa: S311 - a fixed sample
    unread = {row.id for row in unread_consultations(rows)}
    unseen = [rows[i] for i in held_back(len(rows)) if rows[i].id in unread]
    chosen = context.limited(rng.sample(unseen, min(_ASKED, len(unseen))))
    sheet = Sheet()
    for done, row in enumerate(chosen):
        context.tell("ask", done, len(chosen))
        own, other = ("toyhom-first", "toyhom-second")
        if row.department not in _FIRST:
            own, other = other, own
        for system, side in (("department there", own), ("department taken out", other)):
            outcome = await context.subject.ask(
                Question(text=row.ask, collection=sides[side], task="consultation", language="zh")
            )
            sheet.add(system, "abstained", row.id, isinstance(outcome, Abstention))
    notes = (
        f"{len(chosen)} questions of {len(rows)}: of those nothing was chosen on, and no training read.",
        "The own answer is in the collection of its departments; answers to like questions are in both.",
        "The floor was fitted on other questions and another parting of the departments: see calibrate-floor.",
    )
    return Measured(sheet.scores(), notes)
