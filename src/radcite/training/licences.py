"""Under which licence each set is that training may read (`MANIFEST.md` beside the data)."""

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data
from radcite.training.model_card import DataUsed

__all__ = ["LICENCES", "used"]

LICENCES = {
    "text/bioasq": "CC BY 2.5; text courtesy of the U.S. National Library of Medicine",
    "text/pubmedqa_l": "MIT",
    "text/medquad": "CC BY 4.0",
    "text/oa_fulltext_ccby": "CC BY / CC0 per article",
    "text/roco_captions": "CC BY / CC0 per row",
    "images/brain_mri": "CC0",
    "images/vqarad": "CC0",
    "images/nih_cxr": "NIH terms: use with acknowledgement (NIH Clinical Center)",
    "images/covidcxr": "CC BY rows only",
    "images/bccd_blood": "MIT",
    "weights": "Apache-2.0",
    "text/zh/toyhom_internal_medicine": "MIT",
    "text/zh/cmedqq": "Apache-2.0",
    "text/zh/huatuo_bencao": "Apache-2.0",
    "text/zh/huatuo_liver_literature": "Apache-2.0",
    "text/zh/medicalgpt_sft1k": "Apache-2.0",
    "text/zh/slake_bilingual_text_only": "CC BY 4.0",
}


def used(data: Data) -> tuple[DataUsed, ...]:
    """The files that were read, with digest and licence.

    Raises:
        RadciteError: `VALIDATION` for a file of a set that is not known to be free to train on.
    """
    found: list[DataUsed] = []
    for name, digest in sorted(data.digests.items()):
        licence = LICENCES.get(name.rpartition("/")[0])
        if licence is None:
            raise RadciteError(
                "VALIDATION", f"{name} is not free to train on", f"{name} 的许可不允许用于训练"
            )
        found.append(DataUsed(name=name, sha256=digest, licence=licence))
    return tuple(found)
