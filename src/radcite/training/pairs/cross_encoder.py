"""A cross-encoder in torch: BERT's layers over two texts at once, with classes on top.

Source: Devlin et al., arXiv 1810.04805; Nogueira and Cho, arXiv 1901.04085.
"""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn

__all__ = ["CrossEncoder", "Texts", "batch_of", "cross_tokenizer"]

Texts = tuple[str, str]
_HEADS = 12
_WIDTH = 384
_PAD = 0


class _Layer(nn.Module):
    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.qkv = nn.Linear(_WIDTH, 3 * _WIDTH)
        self.out = nn.Linear(_WIDTH, _WIDTH)
        self.middle = nn.LayerNorm(_WIDTH, eps=1e-12)
        self.wide = nn.Linear(_WIDTH, 4 * _WIDTH)
        self.narrow = nn.Linear(4 * _WIDTH, _WIDTH)
        self.last = nn.LayerNorm(_WIDTH, eps=1e-12)
        self.drop = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        rows, tokens, _ = hidden.shape
        parts = self.qkv(hidden).view(rows, tokens, 3, _HEADS, _WIDTH // _HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        attended = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        joined = attended.transpose(1, 2).reshape(rows, tokens, _WIDTH)
        hidden = self.middle(hidden + self.drop(self.out(joined)))
        grown = self.narrow(nn.functional.gelu(self.wide(hidden)))
        return self.last(hidden + self.drop(grown))


class CrossEncoder(nn.Module):
    """Scores of classes for pairs of texts.

    Args:
        words: Rows of the tokens, (tokens, 384).
        classes: How many scores a pair has.
        dropout: Share of activations left out in training.
        layers: How many.
    """

    def __init__(
        self, words: NDArray[np.float32], classes: int, dropout: float = 0.1, layers: int = 6
    ) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(
            torch.from_numpy(words), freeze=False, padding_idx=_PAD
        )
        self.places = nn.Embedding(512, _WIDTH)
        self.segments = nn.Embedding(2, _WIDTH)
        self.norm = nn.LayerNorm(_WIDTH, eps=1e-12)
        self.drop = nn.Dropout(dropout)
        self.layers = nn.ModuleList(_Layer(dropout) for _ in range(layers))
        self.dense = nn.Linear(2 * _WIDTH, _WIDTH)
        self.classes = nn.Linear(_WIDTH, classes)

    @property
    def device(self) -> torch.device:
        """Where the model computes."""
        return self.words.weight.device

    def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> Tensor:
        """Scores, (pairs, classes), before the softmax. All inputs are int64, (pairs, tokens)."""
        hidden = self.states(ids, mask, segments)[-1]
        weight = mask.to(self.device)[:, :, None].to(hidden.dtype)
        mean = (hidden * weight).sum(dim=1) / weight.sum(dim=1)
        pooled = torch.tanh(self.dense(torch.cat([hidden[:, 0], mean], dim=-1)))
        return self.classes(self.drop(pooled))

    def states(self, ids: Tensor, mask: Tensor, segments: Tensor) -> list[Tensor]:
        """What each layer makes of the tokens, the first layer first: (pairs, tokens, 384) each."""
        ids, mask, segments = (
            each.to(self.device, non_blocking=True) for each in (ids, mask, segments)
        )
        place = torch.arange(ids.shape[1], device=self.device)
        hidden = self.words(ids) + self.places(place) + self.segments(segments)
        hidden = self.drop(self.norm(hidden))
        seen = mask[:, None, None, :].bool()
        found: list[Tensor] = []
        for layer in self.layers:
            hidden = layer(hidden, seen)
            found.append(hidden)
        return found

    def take(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        """Start from tensors by BERT's names; the words stay."""
        state: dict[str, NDArray[np.float32]] = {
            "places.weight": weights["embeddings.position_embeddings.weight"],
            "segments.weight": weights["embeddings.token_type_embeddings.weight"],
            **_renamed(weights, "embeddings.LayerNorm", "norm"),
        }
        for number in range(len(self.layers)):
            source, target = f"encoder.layer.{number}", f"layers.{number}"
            for kind in ("weight", "bias"):
                state[f"{target}.qkv.{kind}"] = np.concatenate(
                    [
                        weights[f"{source}.attention.self.{part}.{kind}"]
                        for part in ("query", "key", "value")
                    ]
                )
            for theirs, ours in (
                ("attention.output.dense", "out"),
                ("attention.output.LayerNorm", "middle"),
                ("intermediate.dense", "wide"),
                ("output.dense", "narrow"),
                ("output.LayerNorm", "last"),
            ):
                state |= _renamed(weights, f"{source}.{theirs}", f"{target}.{ours}")
        found = {name: torch.from_numpy(np.array(value)) for name, value in state.items()}
        self.load_state_dict(found, strict=False)


def _renamed(
    weights: Mapping[str, NDArray[np.float32]], source: str, target: str
) -> dict[str, NDArray[np.float32]]:
    return {f"{target}.{kind}": weights[f"{source}.{kind}"] for kind in ("weight", "bias")}


def cross_tokenizer(content: str, most: int) -> Tokenizer:
    """The tokenizer for pairs, cut at `most` tokens from the longer text."""
    tokenizer = Tokenizer.from_str(content)
    tokenizer.no_padding()
    tokenizer.enable_truncation(most, strategy="longest_first")
    return tokenizer


def batch_of(tokenizer: Tokenizer, pairs: Sequence[Texts]) -> tuple[Tensor, Tensor, Tensor]:
    """Token numbers, mask and segments of pairs, padded to the longest: int64, (pairs, tokens)."""
    encodings = tokenizer.encode_batch(list(pairs))
    shape = (len(pairs), max(len(each.ids) for each in encodings))
    ids, mask, segments = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for row, each in enumerate(encodings):
        size = len(each.ids)
        ids[row, :size], mask[row, :size], segments[row, :size] = each.ids, 1, each.type_ids
    return torch.from_numpy(ids), torch.from_numpy(mask), torch.from_numpy(segments)
