"""What is searched for a set's questions: documents, or cases with their images."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from radcite.evals.covidqa import ARTICLES, CovidqaArticle
from radcite.evals.datasets import Data
from radcite.evals.images.rows import CovidRow, FilmRow
from radcite.evals.questions.definition import Corpus
from radcite.evals.questions.visual import (
    MedpixCase,
    MedpixImage,
    SmearRow,
)
from radcite.evals.retrieval import (
    BIOASQ,
    MEDQUAD,
    PUBMEDQA,
    TOYHOM,
    BioasqDocument,
    MedquadDocument,
    PubmedqaRow,
    ToyhomRow,
)
from radcite.evals.task import CaseFiles, Context, cases_collection, documents_collection
from radcite.evals.units import is_held

__all__ = ["corpus_collection"]

_Records = Iterator[Mapping[str, object]]


async def corpus_collection(corpus: Corpus, context: Context) -> str:
    """The collection of a corpus, ingested where it was not yet.

    Raises:
        RadciteError: `NOT_FOUND`, `RECORD_INVALID`.
    """
    if corpus in _DOCUMENTS:
        name, records = _DOCUMENTS[corpus]
        return await documents_collection(context, name, records(context.data))
    return await cases_collection(context, f"questions-{corpus}", _CASES[corpus](context.data))


def _bioasq(data: Data) -> _Records:
    return (one.record() for one in data.rows(f"{BIOASQ}/corpus.jsonl.gz", BioasqDocument))


def _pubmedqa(data: Data) -> _Records:
    return (one.record() for one in data.rows(PUBMEDQA, PubmedqaRow))


def _toyhom(data: Data) -> _Records:
    return (one.record() for one in data.rows(TOYHOM, ToyhomRow))


def _covidqa(data: Data) -> _Records:
    return (one.record() for one in data.rows(ARTICLES, CovidqaArticle))


def _medquad(data: Data) -> _Records:
    return (one.record() for one in data.rows(MEDQUAD, MedquadDocument) if one.is_answered)


# The collections of `retrieval-crosslingual` and `answers-covidqa` where they are the same: ingested once.
_DOCUMENTS: Mapping[str, tuple[str, Callable[[Data], _Records]]] = {
    "bioasq": ("crosslingual-bioasq", _bioasq),
    "pubmedqa": ("pubmedqa", _pubmedqa),
    "toyhom": ("toyhom", _toyhom),
    "covidqa": ("covidqa", _covidqa),
    "medquad": ("crosslingual-medquad", _medquad),
}


def _medpix(data: Data) -> Sequence[CaseFiles]:
    """Cases that no question set asks about; those that VQA-RAD took images from are left out whole."""
    images: dict[str, list[MedpixImage]] = {}
    for row in data.rows("images/medpix2/images.jsonl", MedpixImage):
        images.setdefault(row.case, []).append(row)
    found: list[CaseFiles] = []
    for case in data.rows("images/medpix2/cases.jsonl", MedpixCase):
        mine = images.get(case.U_id, [])
        if is_held(case.U_id) or not mine or any(row.also_in_vqarad for row in mine):
            continue
        captions = [row.caption for row in mine if row.caption]
        record = {
            "case_id": case.U_id,
            "report": case.Case.get("Findings") or "\n".join(captions),
            "findings": captions,
            "diagnosis": case.Case.get("Case Diagnosis"),
            "modality": mine[0].type,
            "body_part": mine[0].location_category,
            "language": "en",
        }
        paths = [data.member("images/medpix2", row.image) for row in mine]
        found.append(CaseFiles(record, paths))
    return found


def _nih(data: Data) -> Sequence[CaseFiles]:
    return [
        CaseFiles(
            {
                "case_id": Path(row.image).stem,
                "patient_id": row.patientid,
                "report": f"Labels: {', '.join(row.labels).replace('_', ' ')}.",
                "labels": [label.replace("_", " ") for label in row.labels],
                "modality": "DX",
                "view": row.view,
                "language": "en",
            },
            [data.member("images/nih_cxr", row.image)],
        )
        for row in data.rows("images/nih_cxr/images.jsonl", FilmRow)
        if not is_held(row.unit)
    ]


def _covidcxr(data: Data) -> Sequence[CaseFiles]:
    return [
        CaseFiles(
            {
                "case_id": Path(row.image).stem,
                "patient_id": row.unit,
                "report": row.clinical_notes,
                "diagnosis": row.finding,
                "modality": "CT" if row.modality == "CT" else "DX",
                "view": row.view or None,
                "language": "en",
                "licence": row.licence,
            },
            [data.member("images/covidcxr", row.image)],
        )
        for row in data.rows("images/covidcxr/images.jsonl", CovidRow)
        if not is_held(row.unit) and row.clinical_notes.strip()
    ]


def _bccd(data: Data) -> Sequence[CaseFiles]:
    return [
        CaseFiles(
            {
                "case_id": Path(row.image).stem,
                "report": f"Blood smear with {row.count('RBC')} red cells and {row.count('WBC')} white cells. "
                + ("Platelets are seen." if row.count("Platelets") else "No platelets are seen."),
                "language": "en",
            },
            [data.member("images/bccd_blood", row.image)],
        )
        for row in data.rows("images/bccd_blood/images.jsonl", SmearRow)
        if not is_held(Path(row.image).stem)
    ]


_CASES: Mapping[str, Callable[[Data], Sequence[CaseFiles]]] = {
    "medpix": _medpix,
    "nih": _nih,
    "covidcxr": _covidcxr,
    "bccd": _bccd,
}
