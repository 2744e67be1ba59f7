"""Records that a writer is trained on: a question, numbered evidence, and the claims that it carries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, ValidationError, model_validator

from radcite.agent.draft_prompt import draft_prompt
from radcite.agent.drafts import Draft, DraftClaim, draft_form
from radcite.core.claims import Evidence, Retrieval
from radcite.core.errors import RadciteError
from radcite.core.framing import case_words
from radcite.core.frozen import Frozen
from radcite.core.normalization import locate
from radcite.core.ports import ChatMessage
from radcite.core.question import Task
from radcite.core.report_form import Heading
from radcite.core.sources import Case, Language, Passage

__all__ = ["GroundedCase", "GroundedPassage", "GroundedRecord", "messages_of", "read_grounded"]

_MOST_EVIDENCE = 20


class GroundedPassage(Frozen):
    """Words of the literature, as `passages.jsonl` names them."""

    text: str = Field(min_length=1)
    title: str = ""
    id: str = "-"


class GroundedCase(Frozen):
    """Words of a case, as `cases.jsonl` names them."""

    case_id: str = Field(min_length=1)
    report: str = ""
    findings: tuple[str, ...] = ()
    diagnosis: str | None = None


class GroundedRecord(Frozen):
    """One line of a records file.

    `unit` is the patient, document or question by which records are split; without one the record stands alone.
    `evidence` is E1, E2, … in its order. No claims: the evidence does not answer, and the writer is to say nothing.
    """

    id: str = Field(min_length=1)
    unit: str = ""
    task: Task = "literature"
    language: Language
    question: str = Field(min_length=1)
    history: tuple[str, ...] = ()
    headings: tuple[Heading, ...] = ()
    candidates: str = ""
    conditions: tuple[str, ...] = ()
    evidence: tuple[GroundedPassage | GroundedCase, ...] = Field(
        min_length=1, max_length=_MOST_EVIDENCE
    )
    claims: tuple[DraftClaim, ...] = ()
    licence: str = ""

    @model_validator(mode="after")
    def _quotes_stand(self) -> "GroundedRecord":
        for number, claim in enumerate(self.claims):
            for citation in claim.citations:
                if not _stands(citation.quote, self._words(citation.evidence)):
                    raise ValueError(f"claim {number}: the quote is not in {citation.evidence}")
        return self

    def _words(self, key: str) -> Sequence[str]:
        place = int(key[1:]) - 1 if key[:1] == "E" and key[1:].isdigit() else -1
        if not 0 <= place < len(self.evidence):
            return ()
        source = self.evidence[place]
        if isinstance(source, GroundedPassage):
            return (source.text,)
        return [words for _, words in case_words(_case(source, self.language))]

    @property
    def owner(self) -> str:
        """What the record is split by."""
        return self.unit or self.id


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    field: str


def read_grounded(path: Path) -> list[GroundedRecord]:
    """The records of a JSONL file.

    Raises:
        RadciteError: `NOT_FOUND`; `RECORD_INVALID` naming the first lines and fields at fault, without their words.
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    records: list[GroundedRecord] = []
    faults: list[_Place] = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
        if line.strip():
            try:
                records.append(GroundedRecord.model_validate_json(line))
            except ValidationError as exc:
                faults += [_Place(number, field) for field in _fields(exc)]
    if faults:
        told = "; ".join(f"line {each.line}: {each.field}" for each in faults[:5])
        lines = len({each.line for each in faults})
        raise RadciteError(
            "RECORD_INVALID",
            f"{path.name}: {lines} bad records; {told}",
            f"{path.name}：{lines} 条记录有误；{told}",
        )
    if not records:
        raise RadciteError(
            "RECORD_INVALID", f"{path.name} holds no record", f"{path.name} 没有记录"
        )
    return records


def _fields(exc: ValidationError) -> Iterator[str]:
    for error in exc.errors(include_input=False, include_context=False, include_url=False)[:2]:
        where = ".".join(map(str, error["loc"]))
        yield where or error["msg"].removeprefix("Value error, ")


def messages_of(record: GroundedRecord) -> tuple[ChatMessage, ...]:
    """The served writer's messages for the record, and the reply that it is to learn.

    Raises:
        RadciteError: `RECORD_INVALID` for a claim's part or condition that its task does not have.
    """
    order = draft_prompt(
        record.task,
        record.language,
        [_evidence(record, place) for place in range(len(record.evidence))],
        record.question,
        history=record.history,
        headings=record.headings,
        candidates=record.candidates,
        conditions=record.conditions,
    )
    form = draft_form(order.keys, order.parts, order.conditions)
    try:
        reply = form.model_validate(Draft(claims=record.claims).model_dump())
    except ValidationError as exc:
        told = ", ".join(_fields(exc))
        raise RadciteError(
            "RECORD_INVALID",
            f"{told}: not what its task allows",
            f"{told}：不是该任务所允许的取值",
        ) from exc
    return (
        *order.prompt.messages,
        ChatMessage(role="assistant", content=reply.model_dump_json()),
    )


def _evidence(record: GroundedRecord, place: int) -> Evidence:
    source = record.evidence[place]
    made = (
        Passage(
            document_id=source.id,
            title=source.title,
            text=source.text,
            start=0,
            end=len(source.text),
            language=record.language,
        )
        if isinstance(source, GroundedPassage)
        else _case(source, record.language)
    )
    retrieval = Retrieval(
        tool="records", query="", collection="-", encoder="-", score=0.0, rank=place + 1
    )
    return Evidence(key=f"E{place + 1}", source=made, retrieval=retrieval)


def _case(source: GroundedCase, language: Language) -> Case:
    return Case(
        case_id=source.case_id,
        report=source.report,
        findings=source.findings,
        diagnosis=source.diagnosis,
        language=language,
    )


def _stands(quote: str, texts: Sequence[str]) -> bool:
    return any(locate(quote, text) is not None for text in texts)
