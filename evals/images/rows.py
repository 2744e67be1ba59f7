"""Labelled images of the free sets, as one list: what each shows, and the unit that a split may not divide.

Brain MR slices carry no patient; their plane, and the modality of VQA-RAD's heads, were read off the images by this
project. Neighbouring slices of one patient can fall on both sides of a split, so figures on them are optimistic.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from radcite.evals.datasets import Data, Row

__all__ = [
    "LABELS",
    "CovidRow",
    "FilmRow",
    "ImageRow",
    "LabelKind",
    "MriRow",
    "VqaradRow",
    "covid_rows",
    "is_free",
    "read_images",
]

LabelKind = Literal["modality", "body_part", "view", "finding"]
LABELS: dict[LabelKind, tuple[str, ...]] = {
    "modality": ("CT", "MR", "XR"),
    "body_part": ("ABDOMEN", "CHEST", "HEAD"),
    "view": ("AP", "PA", "LATERAL", "AXIAL", "CORONAL", "SAGITTAL"),
    "finding": (
        "glioma",
        "meningioma",
        "pituitary tumour",
        "no brain tumour",
        "pneumonia",
        "no chest finding",
    ),
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FREE_PREFIXES = ("CC BY", "CC0")
_NOT_FREE = ("NC", "ND", "SA")
_ORGANS = {"CHEST": "CHEST", "ABD": "ABDOMEN", "HEAD": "HEAD"}
_DIAGNOSES = {
    "glioma": "glioma",
    "meningioma": "meningioma",
    "pituitary": "pituitary tumour",
    "notumor": "no brain tumour",
}
# Among VQA-RAD's heads; the others are MR.
_CT_HEADS = _names(
    """
    16520 23631 34922 39757 42951 45914 46062 46943 54795 58261
    """
)
# Brain MR slices that are not axial.
_CORONAL = _names(
    """
    gl_0012 gl_0015 gl_0108 gl_0433 gl_0457 gl_0471 gl_0478 gl_0488 gl_0581 gl_0592 gl_0653 gl_0678 gl_0753
    gl_0760 gl_0767 gl_0795 gl_0808 gl_0814 gl_0823 gl_0843 gl_1166 gl_1179 gl_1197 gl_1201 me_0105 me_0119
    me_0124 me_0145 me_0155 me_0160 me_0244 me_0368 me_0378 me_0379 me_0393 me_0401 me_0408 me_0409 me_0434
    me_0449 me_0451 me_0453 me_0463 me_0824 me_0837 me_0844 me_0853 me_0863 me_0881 me_0929 me_0936 me_0951
    me_0952 me_0982 me_0999 me_1003 me_1009 me_1012 no_0045 no_0095 no_0237 no_0305 no_0375 pi_0165 pi_0253
    pi_0297 pi_0307 pi_0319 pi_0415 pi_0441 pi_0451 pi_0463 pi_0467 pi_0516 pi_0745 pi_0751 pi_0778 pi_0807
    pi_0812 pi_0815 pi_1133 pi_1140 pi_1141 pi_1157 pi_1170 pi_1175 pi_1184 pi_1199 pi_1223 pi_1252 pi_1263
    pi_1265 pi_1276 pi_1296 pi_1326 pi_1450 pi_1453
    """
)
_SAGITTAL = _names(
    """
    gl_0870 gl_0873 gl_0874 gl_0911 gl_0921 gl_0926 gl_0927 gl_0934 gl_0937 gl_0950 gl_0971 gl_0975 gl_0993
    gl_0994 gl_1000 gl_1033 gl_1040 gl_1049 gl_1050 gl_1062 gl_1064 gl_1111 gl_1236 gl_1245 me_0497 me_0498
    me_0506 me_0545 me_0553 me_0561 me_0601 me_0628 me_0635 me_0645 me_0668 me_0679 me_0705 me_0721 me_0730
    me_0735 me_0742 me_0743 me_0745 me_1050 me_1059 me_1078 me_1082 me_1094 me_1115 me_1117 me_1126 me_1161
    me_1166 me_1168 me_1178 no_0061 no_0107 no_0132 no_0173 no_0174 pi_0076 pi_0077 pi_0086 pi_0144 pi_0154
    pi_0187 pi_0192 pi_0214 pi_0249 pi_0250 pi_0404 pi_0533 pi_0851 pi_0856 pi_0864 pi_0865 pi_0894 pi_0952
    pi_1294 pi_1298 pi_1309 pi_1325 pi_1338 pi_1354 pi_1360 pi_1369 pi_1404 pi_1406 pi_1408 pi_1410 pi_1433
    """
)
_COVID_VIEWS = {
    "PA": "PA",
    "AP": "AP",
    "AP Supine": "AP",
    "L": "LATERAL",
    "Axial": "AXIAL",
    "Coronal": "CORONAL",
}


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image file. `unit` is its patient, case or, for want of these, its name; a label that is not known is None."""

    id: str
    source: str
    path: Path
    unit: str
    modality: str
    body_part: str
    view: str | None = None
    finding: str | None = None

    def label(self, kind: LabelKind) -> str | None:
        """The label of a kind."""
        return {
            "modality": self.modality,
            "body_part": self.body_part,
            "view": self.view,
            "finding": self.finding,
        }[kind]


class MriRow(Row):
    """A slice of the brain tumour set."""

    image: str
    diagnosis: str

    @property
    def unit(self) -> str:
        """Its name: the set names no patient."""
        return Path(self.image).stem


class VqaradRow(Row):
    """An image of VQA-RAD."""

    image: str
    organ: str = ""
    case_url: str


class FilmRow(Row):
    """A chest film of NIH's."""

    image: str
    patientid: str
    view: str
    labels: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The patient, as the trainings know it."""
        return f"nih-{self.patientid}"


class CovidRow(Row):
    """A film or slice of covid-chestxray."""

    image: str
    patientid: str
    group: str
    view: str = ""
    modality: str
    finding: str
    clinical_notes: str = ""
    licence: str

    @property
    def unit(self) -> str:
        """The patient, as the trainings know it."""
        return f"covid-{self.group}-{self.patientid}"


def is_free(licence: str) -> bool:
    """Whether the licence of a row lets weights that were trained on it be given away under Apache-2.0."""
    return licence.startswith(_FREE_PREFIXES) and not any(part in licence for part in _NOT_FREE)


def covid_rows(data: Data) -> list[CovidRow]:
    """The rows of `covidcxr`, each image once: the set lists some under two patients."""
    rows = data.rows("images/covidcxr/images.jsonl", CovidRow)
    return list({row.image: row for row in rows}.values())


def read_images(data: Data, *, free: bool = True) -> list[ImageRow]:
    """The images of `brain_mri`, `vqarad`, `nih_cxr` and `covidcxr`, in that order.

    Args:
        data: The data folder.
        free: The rows that may be trained on; else the rest, which only `covidcxr` has.

    Raises:
        RadciteError: `NOT_FOUND`, `RECORD_INVALID`.
    """
    covid = [_covid(data, row) for row in covid_rows(data) if is_free(row.licence) == free]
    if not free:
        return covid
    mri = [_mri(data, row) for row in data.rows("images/brain_mri/images.jsonl", MriRow)]
    vqarad = [_vqarad(data, row) for row in data.rows("images/vqarad/images.jsonl", VqaradRow)]
    nih = [_nih(data, row) for row in data.rows("images/nih_cxr/images.jsonl", FilmRow)]
    return [*mri, *vqarad, *nih, *covid]


def _mri(data: Data, row: MriRow) -> ImageRow:
    name = Path(row.image).stem
    short = name.removeprefix("Tr-")
    view = "CORONAL" if short in _CORONAL else "SAGITTAL" if short in _SAGITTAL else "AXIAL"
    path = data.member("images/brain_mri", row.image)
    return ImageRow(name, "brain_mri", path, name, "MR", "HEAD", view, _DIAGNOSES[row.diagnosis])


def _vqarad(data: Data, row: VqaradRow) -> ImageRow:
    name = Path(row.image).stem
    is_ct = row.organ == "ABD" or name.removeprefix("synpic") in _CT_HEADS
    modality = "XR" if row.organ == "CHEST" else "CT" if is_ct else "MR"
    view = None if row.organ == "CHEST" else "AXIAL"
    path = data.member("images/vqarad", row.image)
    return ImageRow(name, "vqarad", path, row.case_url, modality, _ORGANS[row.organ], view)


def _nih(data: Data, row: FilmRow) -> ImageRow:
    name = Path(row.image).stem
    finding = (
        "pneumonia"
        if "Pneumonia" in row.labels
        else "no chest finding"
        if row.labels == ("No Finding",)
        else None
    )
    path = data.member("images/nih_cxr", row.image)
    return ImageRow(name, "nih_cxr", path, row.unit, "XR", "CHEST", row.view, finding)


def _covid(data: Data, row: CovidRow) -> ImageRow:
    name = Path(row.image).stem
    path = data.member("images/covidcxr", row.image)
    modality = "CT" if row.modality == "CT" else "XR"
    view = _COVID_VIEWS.get(row.view)
    return ImageRow(
        f"covid-{name}",
        "covidcxr",
        path,
        row.unit,
        modality,
        "CHEST",
        view,
    )
