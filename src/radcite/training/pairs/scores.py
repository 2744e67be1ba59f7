"""The scores that a cross-encoder gives."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from radcite.training.pairs.claim_rows import ClaimRow

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from radcite.training.pairs.cross_encoder import CrossEncoder, Texts

__all__ = ["carried_of", "scores_of"]


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

    from radcite.training.pairs.cross_encoder import batch_of

    model.eval()
    found = np.zeros((len(pairs), model.classes.out_features), dtype=np.float32)
    order = sorted(range(len(pairs)), key=lambda i: sum(map(len, pairs[i])))
    with torch.no_grad(), torch.autocast(model.device.type, torch.bfloat16, enabled=bf16):
        for start in range(0, len(order), size):
            places = order[start : start + size]
            scores = model(*batch_of(tokenizer, [pairs[i] for i in places]))
            found[places] = scores.float().cpu().numpy()
    return found


def carried_of(
    model: "CrossEncoder",
    tokenizer: "Tokenizer",
    rows: Sequence[ClaimRow],
    size: int = 64,
    *,
    bf16: bool = False,
) -> NDArray[np.float64]:
    """The probability that each row's quote carries its claim, (rows,)."""
    pairs = [(row.quote, row.claim) for row in rows]
    scores = scores_of(model, tokenizer, pairs, size, bf16=bf16)[:, 1:].astype(np.float64)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised[:, 0] / raised.sum(axis=1)
