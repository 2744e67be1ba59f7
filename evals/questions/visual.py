"""Questions about images, and what is right of them.

Asked is of the units that no training read (`is_held`); the cases of the others are what is searched.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data, Row
from radcite.evals.images.rows import CovidRow, FilmRow, VqaradRow
from radcite.evals.questions.definition import QuestionSet
from radcite.evals.questions.item import Item
from radcite.evals.units import is_held

__all__ = [
    "MedpixCase",
    "MedpixImage",
    "SmearRow",
    "visual_items",
]

_MEDPIX_IMAGES = "images/medpix2/images.jsonl"


class _Vqarad(Row):
    qid: str
    question: str
    answer: str
    image: str


class _Slake(Row):
    qid: str
    img_name: str
    question: str
    answer: str
    q_lang: str


class MedpixImage(Row):
    """An image of MedPix with its caption."""

    image: str
    case: str
    type: str
    plane: str | None = None
    caption: str | None = None
    location: str | None = None
    location_category: str = ""
    also_in_vqarad: bool = False


class MedpixCase(Row):
    """A case of MedPix: what was found and what it was."""

    U_id: str
    Case: Mapping[str, str | None] = {}


class _Cell(Row):
    label: str


class SmearRow(Row):
    """A blood smear with its cells."""

    image: str
    cells: tuple[_Cell, ...]

    def count(self, label: str) -> int:
        """Cells of a kind: `RBC`, `WBC` or `Platelets`."""
        return sum(cell.label == label for cell in self.cells)


def visual_items(definition: QuestionSet, data: Data) -> list[Item]:
    """The questions in the order of the file.

    Raises:
        RadciteError: `NOT_FOUND`, `RECORD_INVALID`.
    """
    return _LOADERS[definition.loader](definition, data)


def _vqarad(definition: QuestionSet, data: Data) -> list[Item]:
    cases = {row.image: row.case_url for row in data.rows(_of(definition, "images"), VqaradRow)}
    return [
        Item(
            id=row.qid,
            question=row.question,
            gold=((row.answer.strip(),),),
            image=f"images/vqarad/{row.image}",
            unit=cases[row.image],
        )
        for row in data.rows(definition.data.path, _Vqarad)
        if definition.part == "all" or is_held(cases[row.image])
    ]


def _slake(definition: QuestionSet, data: Data) -> list[Item]:
    """The images are the user's own copy: `images/slake/imgs/xmlab0/source.jpg` and so on."""
    return [
        Item(
            id=row.qid,
            question=row.question,
            gold=((row.answer.strip(),),),
            image=f"images/slake/imgs/{row.img_name}",
            unit=row.img_name,
        )
        for row in data.rows(definition.data.path, _Slake)
        if row.q_lang == definition.language
    ]


def _films(definition: QuestionSet, data: Data) -> list[Item]:
    return [
        _asked(
            definition,
            Path(row.image).stem,
            tuple(label.replace("_", " ") for label in row.labels),
            f"images/nih_cxr/{row.image}",
            row.unit,
        )
        for row in data.rows(definition.data.path, FilmRow)
        if is_held(row.unit)
    ]


def _notes(definition: QuestionSet, data: Data) -> list[Item]:
    return [
        _asked(
            definition,
            Path(row.image).stem,
            (row.clinical_notes,),
            f"images/covidcxr/{row.image}",
            row.unit,
        )
        for row in data.rows(definition.data.path, CovidRow)
        if is_held(row.unit) and row.clinical_notes.strip()
    ]


def _captions(definition: QuestionSet, data: Data) -> list[Item]:
    return [
        _asked(
            definition,
            Path(row.image).stem,
            (row.caption,),
            f"images/medpix2/{row.image}",
            row.case,
        )
        for row in data.rows(definition.data.path, MedpixImage)
        if is_held(row.case) and row.caption and row.caption.strip()
    ]


def _diagnoses(definition: QuestionSet, data: Data) -> list[Item]:
    first: dict[str, str] = {}
    for row in data.rows(_MEDPIX_IMAGES, MedpixImage):
        first.setdefault(row.case, row.image)
    cases = data.rows(definition.data.path, MedpixCase)
    return [
        _asked(definition, row.U_id, (name,), f"images/medpix2/{first[row.U_id]}", row.U_id)
        for row in cases
        if is_held(row.U_id) and row.U_id in first and (name := row.Case.get("Case Diagnosis"))
    ]


def _smears(definition: QuestionSet, data: Data) -> list[Item]:
    return [
        _asked(
            definition,
            Path(row.image).stem,
            ("yes" if row.count("Platelets") else "no",),
            f"images/bccd_blood/{row.image}",
            Path(row.image).stem,
        )
        for row in data.rows(definition.data.path, SmearRow)
        if is_held(Path(row.image).stem)
    ]


_LOADERS: Mapping[str, Callable[[QuestionSet, Data], list[Item]]] = {
    "vqarad": _vqarad,
    "slake": _slake,
    "films": _films,
    "notes": _notes,
    "captions": _captions,
    "diagnoses": _diagnoses,
    "smears": _smears,
}


def _of(definition: QuestionSet, name: str) -> str:
    """The list of that name beside the set's own."""
    return str(Path(definition.data.path).with_name(f"{name}.jsonl"))


def _asked(definition: QuestionSet, key: str, gold: tuple[str, ...], image: str, unit: str) -> Item:
    if definition.question is None:
        raise RadciteError("INTERNAL", f"{definition.name}: nothing is asked of its images")
    return Item(id=key, question=definition.question, gold=(gold,), image=image, unit=unit)
