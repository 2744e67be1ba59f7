"""What a text tower learns an image by: sentences in both languages, each with the labels that it tells."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

from radcite.core.sources import Language
from radcite.evals.images.rows import ImageRow, LabelKind

__all__ = ["Caption", "captions_of"]

_Names = Mapping[str, Mapping[Language, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Caption:
    """A text and what it says of an image, by kind of label."""

    text: str
    labels: Mapping[LabelKind, str]


_NAMES: Mapping[LabelKind, _Names] = {
    "modality": {
        "CT": {
            "en": ("computed tomography", "CT slice", "CT scan", "computed tomogram"),
            "zh": ("CT", "计算机断层扫描", "CT 断层"),
        },
        "MR": {
            "en": (
                "magnetic resonance imaging",
                "MRI",
                "MR scan",
                "MR slice",
                "magnetic resonance",
            ),
            "zh": ("磁共振", "MRI", "核磁共振", "MR"),
        },
        "XR": {
            "en": ("radiograph", "X-ray", "plain film", "x-ray film", "roentgenogram"),
            "zh": ("X 线片", "X 光", "平片", "X线"),
        },
    },
    "body_part": {
        "HEAD": {
            "en": ("brain", "head", "skull", "cerebral hemispheres", "intracranial structures"),
            "zh": ("头部", "脑", "颅脑", "头颅"),
        },
        "CHEST": {
            "en": ("chest", "thorax", "lungs", "lung fields", "heart and lungs"),
            "zh": ("胸部", "肺", "胸", "双肺"),
        },
        "ABDOMEN": {
            "en": ("abdomen", "belly", "liver and kidneys", "abdominal organs", "bowel"),
            "zh": ("腹部", "肝和肾", "腹", "上腹部"),
        },
    },
    "view": {
        "AP": {
            "en": ("anteroposterior", "AP", "supine AP", "portable AP"),
            "zh": ("前后位", "仰卧前后位", "床旁前后位"),
        },
        "PA": {
            "en": ("posteroanterior", "PA", "upright PA", "standing PA"),
            "zh": ("后前位", "立位后前位"),
        },
        "AXIAL": {
            "en": ("axial", "transverse", "transaxial"),
            "zh": ("轴位", "横断面", "横轴位"),
        },
        "CORONAL": {"en": ("coronal", "frontal plane"), "zh": ("冠状位", "冠状面")},
        "SAGITTAL": {"en": ("sagittal", "midsagittal"), "zh": ("矢状位", "矢状面")},
    },
    "finding": {
        "glioma": {
            "en": ("glioma", "glioblastoma", "infiltrating glial tumour"),
            "zh": ("胶质瘤", "胶质母细胞瘤"),
        },
        "meningioma": {
            "en": ("meningioma", "enhancing dural based mass"),
            "zh": ("脑膜瘤", "硬脑膜起源的强化肿块"),
        },
        "pituitary tumour": {
            "en": ("pituitary adenoma", "sellar mass", "pituitary tumour"),
            "zh": ("垂体瘤", "鞍区肿块", "垂体腺瘤"),
        },
        "no brain tumour": {
            "en": ("no intracranial mass", "normal brain", "no tumour"),
            "zh": ("未见颅内肿块", "脑部正常", "无肿瘤"),
        },
        "pneumonia": {
            "en": ("pneumonia", "pulmonary infection", "infectious consolidation"),
            "zh": ("肺炎", "肺部感染"),
        },
        "no chest finding": {
            "en": ("clear lungs", "no acute cardiopulmonary abnormality", "normal lungs"),
            "zh": ("双肺清晰", "心肺未见异常", "肺部正常"),
        },
    },
}
_FRAMES: Mapping[frozenset[LabelKind], Mapping[Language, tuple[str, ...]]] = {
    frozenset({"modality"}): {
        "en": ("{modality}", "study acquired by {modality}", "modality: {modality}"),
        "zh": ("{modality}", "检查方式为{modality}", "{modality}所见"),
    },
    frozenset({"body_part"}): {
        "en": ("{body_part}", "view of the {body_part}", "the {body_part} is shown"),
        "zh": ("{body_part}", "显示{body_part}", "检查部位：{body_part}"),
    },
    frozenset({"modality", "body_part"}): {
        "en": (
            "{body_part} {modality}",
            "{modality} of the {body_part}",
            "{modality}, {body_part}",
        ),
        "zh": ("{body_part}{modality}", "{body_part}的{modality}检查"),
    },
    frozenset({"view"}): {
        "en": ("{view}", "{view} projection", "acquired {view}", "{view} orientation"),
        "zh": ("{view}", "{view}所摄", "体位：{view}"),
    },
    frozenset({"modality", "body_part", "view"}): {
        "en": ("{view} {modality} of the {body_part}", "{body_part} {modality}, {view}"),
        "zh": ("{body_part}{view}{modality}", "{view}{body_part}{modality}"),
    },
    frozenset({"finding"}): {
        "en": (
            "{finding}",
            "findings: {finding}",
            "impression: {finding}",
            "consistent with {finding}",
        ),
        "zh": ("{finding}", "所见：{finding}", "印象：{finding}", "符合{finding}"),
    },
    frozenset({"modality", "body_part", "finding"}): {
        "en": ("{modality} of the {body_part}: {finding}", "{finding} on {body_part} {modality}"),
        "zh": ("{body_part}{modality}：{finding}", "{body_part}{modality}示{finding}"),
    },
}


def captions_of(row: ImageRow, count: int, rng: random.Random) -> list[Caption]:
    """Captions of an image, of as many of its labels as each has place for, half of them Chinese."""
    kinds = [kinds for kinds in _FRAMES if all(_sayable(row, kind) for kind in kinds)]
    return [_caption(row, rng.choice(kinds), rng) for _ in range(count)]


def _sayable(row: ImageRow, kind: LabelKind) -> bool:
    value = row.label(kind)
    return value is not None and value in _NAMES[kind]


def _caption(row: ImageRow, kinds: frozenset[LabelKind], rng: random.Random) -> Caption:
    language: Language = rng.choice(("en", "zh"))
    labels: dict[LabelKind, str] = {
        kind: value for kind in sorted(kinds) if (value := row.label(kind)) is not None
    }
    words: dict[str, str] = {
        kind: rng.choice(_NAMES[kind][value][language]) for kind, value in labels.items()
    }
    return Caption(rng.choice(_FRAMES[kinds][language]).format(**words), labels)
