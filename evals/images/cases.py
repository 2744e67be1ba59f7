"""The most similar case of each image, itself left out: does it have the same label?"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from radcite.core.sources import Case
from radcite.evals.images.baselines import hog_rows, nearest, pixel_rows
from radcite.evals.images.rows import FilmRow, MriRow, VqaradRow, covid_rows
from radcite.evals.questions.visual import MedpixImage
from radcite.evals.sheet import Sheet
from radcite.evals.task import CaseFiles, Context, Measured, cases_collection
from radcite.ingestion.discovery import digest_of
from radcite.tools.cases import CaseRequest

__all__ = ["brain_mri", "covid_finding", "medpix_location", "nih_view", "vqarad_organ"]

_OURS = "similar cases"


@dataclass(frozen=True, slots=True)
class _Labelled:
    """An image file with its label, and its patient where one is known."""

    id: str
    path: Path
    label: str
    patient: str | None
    record: Mapping[str, object]

    @property
    def group(self) -> str:
        """What may not be its own neighbour: the images of a patient, else the image."""
        return self.patient or self.id


async def brain_mri(context: Context) -> Measured:
    """Brain MR slices by diagnosis."""
    rows = context.data.rows("images/brain_mri/images.jsonl", MriRow)
    labelled = [
        _labelled(context, "brain_mri", row.image, row.diagnosis, {"diagnosis": row.diagnosis})
        for row in rows
    ]
    chosen_on = np.random.default_rng(0).permutation(len(labelled))[: len(labelled) // 2]
    seen = {labelled[int(i)].id for i in chosen_on}
    notes = (
        "The built-in encoder's weights were chosen on one half; 'held back' does not ask it.",
    )
    return await _leave_one_out(context, "brain-mri", labelled, "diagnosis", seen, notes)


async def vqarad_organ(context: Context) -> Measured:
    """VQA-RAD images by organ."""
    rows = context.data.rows("images/vqarad/images.jsonl", VqaradRow)
    labelled = [
        _labelled(context, "vqarad", row.image, row.organ, {"body_part": row.organ}) for row in rows
    ]
    return await _leave_one_out(context, "vqarad", labelled, "organ")


async def nih_view(context: Context) -> Measured:
    """Chest X-rays by view, every image of the same patient left out."""
    rows = context.data.rows("images/nih_cxr/images.jsonl", FilmRow)
    labelled = [
        _labelled(
            context,
            "nih_cxr",
            row.image,
            row.view,
            {"view": row.view, "patient_id": row.patientid, "modality": "DX"},
            row.patientid,
        )
        for row in rows
    ]
    return await _leave_one_out(context, "nih-cxr", labelled, "view")


async def covid_finding(context: Context) -> Measured:
    """Chest films and CT slices by finding, every image of the same patient left out."""
    rows = covid_rows(context.data)
    labelled = [
        _labelled(
            context,
            "covidcxr",
            row.image,
            row.finding,
            {"diagnosis": row.finding, "patient_id": row.unit},
            row.unit,
        )
        for row in rows
    ]
    return await _leave_one_out(context, "covidcxr", labelled, "finding")


async def medpix_location(context: Context) -> Measured:
    """MedPix images by part of the body, every image of the same case left out."""
    rows = context.data.rows("images/medpix2/images.jsonl", MedpixImage)
    labelled = [
        _labelled(
            context,
            "medpix2",
            row.image,
            row.location_category,
            {"body_part": row.location_category, "patient_id": row.case},
            row.case,
        )
        for row in rows
    ]
    return await _leave_one_out(context, "medpix", labelled, "part of the body")


def _labelled(
    context: Context,
    folder: str,
    image: str,
    label: str,
    fields: Mapping[str, object],
    patient: str | None = None,
) -> _Labelled:
    name = Path(image).name
    path = context.data.member(f"images/{folder}", image)
    record = {"case_id": name, "language": "en", **fields}
    return _Labelled(name, path, label, patient, record)


async def _leave_one_out(
    context: Context,
    name: str,
    labelled: Sequence[_Labelled],
    what: str,
    seen: Collection[str] = (),
    notes: Sequence[str] = (),
) -> Measured:
    cases = [CaseFiles(one.record, [one.path]) for one in labelled]
    collection = await cases_collection(context, name, cases)
    labels = {one.id: one.label for one in labelled}
    asked = context.limited(labelled)
    found: dict[str, list[str | None]] = {_OURS: []}
    for done, one in enumerate(asked):
        context.tell("search", done, len(asked))
        found[_OURS].append(labels.get(await _neighbour(context, collection, one)))
    paths, groups = [one.path for one in labelled], [one.group for one in labelled]
    for system, rows in (("raw 32x32 pixels", pixel_rows(paths)), ("plain HOG", hog_rows(paths))):
        found[system] = [labelled[other].label for other in nearest(rows, groups)]
    sheet = Sheet()
    for system, guesses in found.items():
        for one, guess in zip(asked, guesses, strict=False):
            sheet.add(system, f"1-NN {what}", one.id, guess == one.label, one.group)
            if seen and one.id not in seen:
                sheet.add(system, f"1-NN {what}, held back", one.id, guess == one.label, one.group)
    size = f"{len(labelled)} images; each is asked with itself left out, one neighbour."
    return Measured(sheet.scores(), (size, *notes))


async def _neighbour(context: Context, collection: str, one: _Labelled) -> str:
    request = CaseRequest(
        images=(digest_of(one.path).hex(),),
        collection=collection,
        limit=1,
        exclude=(one.id,),
        patient=context.subject.pseudonym(one.patient) if one.patient else None,
    )
    hits = await context.subject.search["score"](request)
    source = hits[0].source if hits else None
    return source.case_id if isinstance(source, Case) else ""
