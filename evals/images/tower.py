"""The image encoder on held-back images: nearest neighbours, words, and what goes wrong on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from radcite.core.errors import RadciteError
from radcite.core.ports import ImageEncoder
from radcite.core.sources import Language
from radcite.evals.datasets import Row
from radcite.evals.images.corruptions import CORRUPTIONS
from radcite.evals.images.rows import ImageRow, LabelKind, read_images
from radcite.evals.images.vectors import nearest_of, rows_by_system, vectors_of
from radcite.evals.sheet import Sheet
from radcite.evals.task import Context, Measured
from radcite.evals.units import is_held

__all__ = ["corrupted", "nearest", "words"]

_SETS: tuple[tuple[str, LabelKind, str], ...] = (
    ("brain_mri", "finding", "brain MRI diagnosis"),
    ("vqarad", "body_part", "VQA-RAD organ"),
    ("nih_cxr", "view", "NIH view"),
)
_HELD = "Asked are only images whose patient, case or, in brain MRI, name no training read."
_OPTIMISTIC = "Brain MRI names no patients: slices of one can be asked and found, so its figures are optimistic."
# Wordings that no training caption has.
PROMPTS: Mapping[LabelKind, Mapping[str, Mapping[Language, str]]] = {
    "modality": {
        "CT": {"en": "a CT image", "zh": "一幅 CT 图像"},
        "MR": {"en": "an MR image", "zh": "一幅磁共振图像"},
        "XR": {"en": "an X-ray image", "zh": "一幅 X 光图像"},
    },
    "body_part": {
        "ABDOMEN": {"en": "an image of the abdomen", "zh": "一幅腹部图像"},
        "CHEST": {"en": "an image of the chest", "zh": "一幅胸部图像"},
        "HEAD": {"en": "an image of the head", "zh": "一幅头部图像"},
    },
    "view": {
        "AP": {"en": "an anteroposterior image", "zh": "一幅前后位图像"},
        "PA": {"en": "a posteroanterior image", "zh": "一幅后前位图像"},
        "AXIAL": {"en": "an axial image", "zh": "一幅轴位图像"},
        "CORONAL": {"en": "a coronal image", "zh": "一幅冠状位图像"},
        "SAGITTAL": {"en": "a sagittal image", "zh": "一幅矢状位图像"},
    },
}


class _MedPix(Row):
    image: str
    case: str
    type: str
    plane: str
    location_category: str
    also_in_vqarad: bool


@dataclass(frozen=True, slots=True)
class _Foreign:
    """An image of MedPix, from which nothing was learned; `unit` is its case."""

    path: Path
    unit: str
    labels: Mapping[str, str]


async def nearest(context: Context) -> Measured:
    """The label of the nearest image of another patient, beside the baselines."""
    sheet = Sheet()
    rows = read_images(context.data)
    for source, kind, what in _SETS:
        some = [row for row in rows if row.source == source]
        systems = await rows_by_system(context, source, [row.path for row in some])
        asked = _held(context, some, kind)
        held = [i for i, row in enumerate(some) if is_held(row.unit)]
        groups = [row.unit for row in some]
        for system, vectors in systems.items():
            for among, where in ((list(range(len(some))), ""), (held, ", among held back only")):
                for place, found in zip(
                    asked, nearest_of(vectors, asked, among, groups), strict=True
                ):
                    right = some[place].label(kind) == some[found].label(kind)
                    sheet.add(system, f"1-NN {what}{where}", some[place].id, right, groups[place])
    await _nearest_foreign(context, sheet)
    return Measured(sheet.scores(), (_HELD, _OPTIMISTIC, "MedPix: nothing of it was learned from."))


async def _nearest_foreign(context: Context, sheet: Sheet) -> None:
    some = _medpix(context)
    systems = await rows_by_system(context, "medpix2", [one.path for one in some])
    places = list(range(len(some)))
    groups = [one.unit for one in some]
    for system, vectors in systems.items():
        found = nearest_of(vectors, places, places, groups)
        for kind in ("modality", "plane", "location"):
            for place, other in zip(places, found, strict=True):
                right = some[place].labels[kind] == some[other].labels[kind]
                sheet.add(
                    system, f"1-NN MedPix {kind}", some[place].path.stem, right, groups[place]
                )


async def words(context: Context) -> Measured:
    """Modality, body part and view as the nearest of a few wordings that no training caption has."""
    encoder = _reads(context)
    sheet = Sheet()
    rows = [row for row in read_images(context.data) if is_held(row.unit)]
    vectors = await vectors_of(context, encoder, "held", [row.path for row in rows])
    for kind, prompts in PROMPTS.items():
        known = [i for i, row in enumerate(rows) if row.label(kind) in prompts]
        for language in ("en", "zh"):
            texts = await encoder.encode_text([prompts[value][language] for value in prompts])
            guesses = _argmax(vectors[known], texts, list(prompts))
            for place, guess in zip(known, guesses, strict=True):
                row = rows[place]
                sheet.add(f"by words, {language}", kind, row.id, guess == row.label(kind), row.unit)
        most = _commonest([str(rows[i].label(kind)) for i in known])
        for place in known:
            row = rows[place]
            sheet.add("always the commonest", kind, row.id, most == row.label(kind), row.unit)
    await _words_foreign(context, encoder, sheet)
    return Measured(sheet.scores(), (_HELD, "MedPix has CT and MR of all body parts."))


async def _words_foreign(context: Context, encoder: ImageEncoder, sheet: Sheet) -> None:
    some = _medpix(context)
    vectors = await vectors_of(context, encoder, "medpix2", [one.path for one in some])
    asked: tuple[tuple[str, LabelKind, tuple[str, ...]], ...] = (
        ("modality", "modality", ("CT", "MR")),
        ("plane", "view", ("AXIAL", "CORONAL", "SAGITTAL")),
    )
    for label, kind, values in asked:
        known = [i for i, one in enumerate(some) if one.labels[label] in values]
        for language in ("en", "zh"):
            texts = await encoder.encode_text([PROMPTS[kind][value][language] for value in values])
            for place, guess in zip(known, _argmax(vectors[known], texts, values), strict=True):
                one = some[place]
                right = guess == one.labels[label]
                sheet.add(
                    f"by words, {language}", f"MedPix {label}", one.path.stem, right, one.unit
                )


async def corrupted(context: Context) -> Measured:
    """Held-back images are spoilt and asked among clean ones: how often the neighbour is still right."""
    encoder = _encoder(context)
    sheet, lost = Sheet(), dict[str, dict[str, float]]()
    rows = read_images(context.data)
    for source, kind, what in _SETS:
        some = [row for row in rows if row.source == source]
        clean = await vectors_of(context, encoder, source, [row.path for row in some])
        asked = _held(context, some, kind)
        paths = [some[place].path for place in asked]
        shares: dict[str, float] = {}
        for name, change in {"clean": None, **CORRUPTIONS}.items():
            spoilt = clean[asked]
            if change is not None:
                spoilt = await vectors_of(context, encoder, f"{source}, {name}", paths, change)
            both = np.concatenate([clean, spoilt])
            groups = [row.unit for row in some] + [some[place].unit for place in asked]
            places = list(range(len(some), len(both)))
            found = nearest_of(both, places, list(range(len(some))), groups)
            right = [
                some[place].label(kind) == some[other].label(kind)
                for place, other in zip(asked, found, strict=True)
            ]
            shares[name] = float(np.mean(right))
            for place, value in zip(asked, right, strict=True):
                sheet.add(name, f"1-NN {what}", some[place].id, value, some[place].unit)
        lost[what] = {
            name: round(1 - share / shares["clean"], 4)
            for name, share in shares.items()
            if name != "clean"
        }
    return Measured(
        sheet.scores(), (_HELD, _OPTIMISTIC), {f"lost: {k}": v for k, v in lost.items()}
    )


def _held(context: Context, rows: Sequence[ImageRow], kind: LabelKind) -> list[int]:
    places = [i for i, row in enumerate(rows) if is_held(row.unit) and row.label(kind)]
    return list(context.limited(places))


def _medpix(context: Context) -> list[_Foreign]:
    rows = context.data.rows("images/medpix2/images.jsonl", _MedPix)
    return [
        _Foreign(
            context.data.member("images/medpix2", row.image),
            row.case,
            {
                "modality": row.type,
                "plane": row.plane.upper(),
                "location": row.location_category,
            },
        )
        for row in context.limited([row for row in rows if not row.also_in_vqarad])
    ]


def _encoder(context: Context) -> ImageEncoder:
    if context.subject.image is None:
        raise RadciteError("NOT_FOUND", "an image encoder", "图像编码器")
    return context.subject.image


def _reads(context: Context) -> ImageEncoder:
    encoder = _encoder(context)
    if not encoder.reads_text:
        raise RadciteError(
            "VALIDATION", "the image encoder reads no texts", "该图像编码器不读取文字"
        )
    return encoder


def _argmax(images: np.ndarray, texts: np.ndarray, values: Sequence[str]) -> list[str]:
    return [values[int(place)] for place in (images @ texts.T).argmax(axis=1)]


def _commonest(values: Sequence[str]) -> str:
    return max(dict.fromkeys(values), key=values.count)
