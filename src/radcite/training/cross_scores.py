"""What cross-encoders start from, and the scores they give."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcite.backends.minilm import find_minilm_weights
from radcite.core.errors import RadciteError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from radcite.training.cross_encoder import CrossEncoder, Texts

__all__ = ["minilm_files", "scores_of"]


def scores_of(
    model: "CrossEncoder",
    tokenizer: "Tokenizer",
    pairs: "Sequence[Texts]",
    size: int,
    *,
    bf16: bool = False,
) -> NDArray[np.float32]:
    """Scores, (pairs, classes), in evaluation mode, in batches of like length."""
    import torch

    from radcite.training.cross_encoder import batch_of

    model.eval()
    found = np.zeros((len(pairs), model.classes.out_features), dtype=np.float32)
    order = sorted(range(len(pairs)), key=lambda i: sum(map(len, pairs[i])))
    with torch.no_grad(), torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
        for start in range(0, len(order), size):
            places = order[start : start + size]
            scores = model(*batch_of(tokenizer, [pairs[i] for i in places]))
            found[places] = scores.float().cpu().numpy()
    return found


def minilm_files() -> tuple[Path, Mapping[str, NDArray[np.float32]]]:
    """MiniLM's `tokenizer.json` and tensors, from which cross-encoders start.

    Raises:
        RadciteError: `NOT_FOUND` where they are not installed.
    """
    from safetensors.numpy import load_file

    folder = find_minilm_weights()
    if folder is None:
        raise RadciteError("NOT_FOUND", "MiniLM's weights", "缺少 MiniLM 权重")
    return folder / "tokenizer.json", load_file(folder / "model.safetensors")
