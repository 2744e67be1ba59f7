"""What a case of a list says, without whom it is about; what may be a name waits for a person."""

from collections.abc import Iterator

from radcite.core.identifiers import Redactor
from radcite.core.phi_review import HeldWords
from radcite.core.pseudonym import content_key
from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.door import Door
from radcite.ingestion.pictures.burned_in import HeldForReview
from radcite.ingestion.records import CaseRecord, Line

__all__ = ["clean_case", "texts_of"]


async def clean_case(line: Line[CaseRecord], door: Door) -> CaseRecord:
    """The record of a line with its texts redacted; ids, licence and images as they are.

    Raises:
        RadciteError: `PHI_REVIEW` where a text holds what may be a name and nobody decided about this very line, or
            where it was rejected.
    """
    key = content_key(door.gate.secret, bytes.fromhex(line.digest))
    decision = await door.decision(key)
    record = line.record
    redact = _redactor(record, door.gate, doubtful=decision == "masked")
    if decision is None and door.gate.settings.doubtful_names == "review":
        words = tuple(
            HeldWords(field=field, start=one.start, end=one.end)
            for field, text in texts_of(record)
            for one in redact.doubts(text)
        )
        if words:
            raise await door.held(key, HeldForReview((), words))
    told = {
        field: redact(said)
        for field, said in (
            ("diagnosis", record.diagnosis),
            ("modality", record.modality),
            ("body_part", record.body_part),
            ("view", record.view),
        )
        if said
    }
    # Where a case is from has days, places and addresses of its own: as in a question they stay.
    if record.source:
        told["source"] = Redactor(_ids(record), key=door.gate.words(_owner(record)))(record.source)
    return record.model_copy(
        update=told
        | {
            "report": redact(record.report),
            "findings": tuple(redact(finding) for finding in record.findings),
            "labels": tuple(redact(label) for label in record.labels),
        }
    )


def texts_of(record: CaseRecord) -> Iterator[tuple[str, str]]:
    """The texts of a record by the names under which a reviewer is told of them."""
    yield "report", record.report
    yield from ((f"findings[{at}]", text) for at, text in enumerate(record.findings))
    yield "diagnosis", record.diagnosis or ""
    yield from ((f"labels[{at}]", text) for at, text in enumerate(record.labels))


def _redactor(record: CaseRecord, gate: Gate, *, doubtful: bool) -> Redactor:
    owner = _owner(record)
    return Redactor(
        _ids(record),
        key=gate.words(owner),
        days_back=gate.days_back(owner),
        doubtful=doubtful or gate.masks_doubts,
    )


def _ids(record: CaseRecord) -> list[str]:
    return [record.patient_id] if record.patient_id else []


def _owner(record: CaseRecord) -> str:
    return record.patient_id or record.case_id
