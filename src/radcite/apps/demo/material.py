"""The demonstration's files: a library, a list of cases, studies, and images to ask about."""

import json
import tomllib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from pydantic import Field

from radcite.apps.demo.dicom import write_image, write_report
from radcite.apps.demo.phantoms import Finding, Part, Side, phantom
from radcite.core.frozen import Frozen
from radcite.core.sources import Language

__all__ = ["SHIPPED", "TeachingCase", "make_images", "shipped_files", "teaching_cases"]

SHIPPED = ("CT_small.dcm", "MR_small_RLE.dcm", "JPEG2000.dcm", "SC_rgb_jpeg_dcmtk.dcm")
"""Test files of pydicom's own package: CT and MR, colour, RLE, JPEG and JPEG 2000."""

_README = """\
Demonstration material of radcite / radcite 演示材料

Everything in this folder was made by `radcite demo`. The images are drawn by formula, the reports and
texts were written to go with them, the patient is fictitious. Nothing here is clinical guidance.
本目录的全部内容由 `radcite demo` 生成：图像由公式绘制，报告和短文为演示而写，患者为虚构。不构成临床指导。

library/    short texts as PDF, English and Chinese / 中英文短文（PDF）
cases/      cases.jsonl and its images / 病例列表及图像
studies/    DICOM studies with a structured report / 带结构化报告的 DICOM 检查
questions/  DICOM images to ask about / 用于提问的 DICOM 图像
"""
_SOURCE = "radcite demonstration phantom"
_MODALITIES: dict[Part, str] = {"chest": "DX", "brain": "MR", "forearm": "DX"}
_NODULE: dict[Language, str] = {
    "en": "A rounded nodule is seen in the left upper zone. There is no pleural effusion.",
    "zh": "左肺上野见一类圆形结节影。未见胸腔积液。",
}
_ASKED: dict[str, tuple[Part, Finding, Side]] = {
    "chest-a.dcm": ("chest", "effusion", "left"),
    "chest-b.dcm": ("chest", "pneumothorax", "right"),
    "brain-a.dcm": ("brain", "mass", "right"),
    "forearm-a.dcm": ("forearm", "fracture", "right"),
}


class TeachingCase(Frozen):
    """A phantom and the report written for it."""

    part: Part
    finding: Finding
    side: Side | None = None
    seed: int
    language: Language
    diagnosis: str
    report: str = Field(min_length=1)
    findings: tuple[str, ...]


def make_images(folder: Path) -> list[Path]:
    """Write everything but the library; the files that belong into a collection."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text(_README, "utf-8")
    for seed, (name, (part, finding, side)) in enumerate(_ASKED.items(), 901):
        write_image(folder / "questions" / name, f"asked-{name}", part, finding, side, seed)
    return [_list_cases(folder / "cases"), *_studies(folder / "studies")]


def shipped_files() -> Sequence[Path]:
    """Real DICOM files inside installed packages; those that this version of a package has."""
    folder = Path(str(files("pydicom"))) / "data" / "test_files"
    return [folder / name for name in SHIPPED if (folder / name).is_file()]


def teaching_cases() -> tuple[TeachingCase, ...]:
    """The reports, each with the phantom it was written for."""
    text = files("radcite.apps.demo").joinpath("library", "cases.toml").read_text("utf-8")
    return tuple(TeachingCase.model_validate(case) for case in tomllib.loads(text)["case"])


def _list_cases(folder: Path) -> Path:
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    target = folder / "cases.jsonl"
    lines = [_listed(case, images) for case in teaching_cases()]
    target.write_text("\n".join(lines) + "\n", "utf-8")
    return target


def _listed(case: TeachingCase, images: Path) -> str:
    from PIL import Image

    name = f"demo-{case.part}-{case.seed}"
    pixels = phantom(case.part, case.finding, case.side, case.seed)
    Image.fromarray(pixels).save(images / f"{name}.png", compress_level=1)
    record = {
        "case_id": name,
        "patient_id": f"demo-{case.seed}",
        "images": [f"images/{name}.png"],
        "modality": _MODALITIES[case.part],
        "body_part": case.part.upper(),
        "licence": "Apache-2.0",
        "source": _SOURCE,
        **case.model_dump(mode="json", include={"language", "diagnosis", "report", "findings"}),
    }
    return json.dumps(record, ensure_ascii=False)


def _studies(folder: Path) -> list[Path]:
    made: list[Path] = []
    for seed, (language, report) in enumerate(_NODULE.items(), 801):
        study = f"study-{language}"
        image, sr = folder / f"{study}-image.dcm", folder / f"{study}-report.dcm"
        made.append(write_image(image, study, "chest", "nodule", "left", seed))
        made.append(write_report(sr, study, report, language))
    return made
