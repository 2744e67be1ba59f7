"""The prompt of a draft: the one that a served writer gets, and that a writer is trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

from radcite.core.claims import Evidence
from radcite.core.ports import ChatPrompt
from radcite.core.question import Task
from radcite.core.report_form import Heading
from radcite.core.sources import Language
from radcite.prompts.registry import load

__all__ = ["Ordered", "draft_prompt"]

_SIDES = ("for", "against")


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is asked of the model: the prompt, and the keys, parts and conditions its claims may name."""

    prompt: ChatPrompt
    parts: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def draft_prompt(
    task: Task,
    language: Language,
    evidence: Sequence[Evidence],
    question: str,
    *,
    history: Sequence[str] = (),
    headings: Sequence[Heading] = (),
    candidates: str = "",
    conditions: tuple[str, ...] = (),
) -> Ordered:
    """The order for a task.

    Args:
        task: What is asked for.
        language: Of the answer.
        evidence: What may be cited.
        question: The user's words.
        history: Earlier questions of a consultation.
        headings: Of the report that a caption is to fill.
        candidates: The differential's conditions as a diagnosis is told them.
        conditions: Their names.
    """
    keys = tuple(item.key for item in evidence)
    match task:
        case "literature":
            prompt = load("answer", 3, language).render(evidence=evidence, question=question)
            return Ordered(prompt, _SIDES, keys=keys)
        case "consultation":
            prompt = load("consultation", 3, language).render(
                evidence=evidence, history="\n".join(history) or "-", question=question
            )
            return Ordered(prompt, ("answer", "next_step"), keys=keys)
        case "caption":
            prompt = load("caption", 3, language).render(
                headings="\n".join(f"- {one.id}: {one.title}" for one in headings) or "-",
                evidence=evidence,
                question=question or "-",
            )
            return Ordered(prompt, tuple(one.id for one in headings), keys=keys)
        case "diagnosis":
            prompt = load("diagnosis", 3, language).render(
                candidates=candidates, evidence=evidence, question=question
            )
            return Ordered(prompt, (*_SIDES, "next_step"), conditions, keys)
