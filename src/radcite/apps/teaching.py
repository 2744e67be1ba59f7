"""A case to learn from: an image and a few diagnoses, then what its record says, word by word."""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from radcite.agent.differential import condition_of
from radcite.agent.safety.texts import notice
from radcite.core.claims import Answer, CaseLocation, Citation, Claim, Evidence, Retrieval, Safety
from radcite.core.errors import RadciteError
from radcite.core.framing import case_sentence, case_words
from radcite.core.frozen import Frozen
from radcite.core.grounding import RuleJudge, check_claim
from radcite.core.sentences import split_sentences
from radcite.core.sources import Case, Language

if TYPE_CHECKING:
    from radcite.apps.wiring import House

__all__ = ["Choice", "Puzzle", "choice_of", "pick", "solution"]

_SAMPLE = 400
_CHOICES = 4


class Choice(Frozen):
    """A diagnosis to choose; `code` is that of the term list, or the words where it has none."""

    code: str
    display: dict[Language, str]


class Puzzle(Frozen):
    """A case without what it is."""

    case_id: str
    images: int
    modality: str | None
    body_part: str | None
    view: str | None
    choices: tuple[Choice, ...]


def choice_of(diagnosis: str) -> Choice:
    """A diagnosis under its name in both languages, the same for its synonyms."""
    condition = condition_of(diagnosis)
    return Choice(code=condition.code, display=condition.display)


async def pick(house: "House", collection: str, body_part: str | None = None) -> Puzzle:
    """A case with an image and a diagnosis at random, among up to four diagnoses, those of its body part first.

    Raises:
        RadciteError: `NOT_FOUND` for a collection without two such diagnoses.
    """
    points = await house.ledger.image_points(collection, _SAMPLE)
    found = await house.ledger.resolve(collection, [point.id for point in points])
    cases = {
        source.case_id: source
        for _, source in found
        if isinstance(source, Case) and source.images and source.diagnosis
    }
    wanted = [one for one in cases.values() if body_part in {None, one.body_part}]
    if not wanted:
        raise _too_few()
    chosen = secrets.choice(wanted)
    choices = _choices(chosen, list(cases.values()))
    if len(choices) < 2:
        raise _too_few()
    return Puzzle(
        case_id=chosen.case_id,
        images=len(chosen.images),
        modality=chosen.modality,
        body_part=chosen.body_part,
        view=chosen.view,
        choices=choices,
    )


async def solution(house: "House", collection: str, case_id: str, language: Language) -> Answer:
    """What the case's record says: its diagnosis, findings and report as claims that cite it.

    Raises:
        RadciteError: `NOT_FOUND`, also for a case without any words.
    """
    case = await house.ledger.case(collection, case_id)
    if case is None or not case_words(case):
        raise RadciteError("NOT_FOUND", "no such case", "没有此病例")
    retrieval = Retrieval(
        tool="teaching", query="", collection=collection, encoder="-", score=1.0, rank=1
    )
    evidence = Evidence(key="E1", source=case, retrieval=retrieval)
    judge = RuleJudge()
    claims = [await check_claim(one, [evidence], judge) for one in _claims(case, language)]
    kept = tuple(claim for claim in claims if claim.support != "unsupported")
    if not kept:
        raise RadciteError(
            "NOT_FOUND", "nothing of this case can be cited", "该病例没有可引用的内容"
        )
    return Answer(
        trace_id=uuid4().hex,
        task="diagnosis",
        language=language,
        safety=Safety(notice=notice("diagnosis", language)),
        claims=kept,
        evidence=(evidence,),
    )


def _choices(chosen: Case, cases: Sequence[Case]) -> tuple[Choice, ...]:
    right = choice_of(chosen.diagnosis or "")
    near = [one for one in cases if one.body_part == chosen.body_part]
    others = {
        choice.code: choice
        for one in (*near, *cases)
        if (choice := choice_of(one.diagnosis or "")).code != right.code
    }
    choices = [right, *list(others.values())[: _CHOICES - 1]]
    secrets.SystemRandom().shuffle(choices)
    return tuple(choices)


def _claims(case: Case, language: Language) -> list[Claim]:
    # The diagnosis leads, as it is what was asked.
    fields = sorted(case_words(case), key=lambda item: item[0] != "diagnosis")
    return [
        Claim(
            text=case_sentence(case, field, text[start:end], language),
            about=f"case:{case.case_id}",
            support="unsupported",
            citations=(
                Citation(
                    evidence="E1",
                    quote=text[start:end],
                    place=CaseLocation(case_id=case.case_id, field=field, start=start, end=end),
                ),
            ),
        )
        for field, text in fields
        for start, end in (split_sentences(text) if field == "report" else [(0, len(text))])
    ]


def _too_few() -> RadciteError:
    return RadciteError(
        "NOT_FOUND", "no cases with images and different diagnoses", "没有带图像且诊断不同的病例"
    )
