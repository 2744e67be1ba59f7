"""An open_clip model from a folder, trained in place, and written as a folder that the open_clip port loads."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from radcite.backends.images.open_clip import local_open_clip
from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels

__all__ = ["ClipNet", "Lock", "contrast", "export_clip", "load_clip", "write_small"]

Lock = Literal["none", "image", "text"]
_CONFIG = "open_clip_config.json"
_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")
_SMALL: dict[str, Any] = {
    "model_cfg": {
        "embed_dim": 256,
        "vision_cfg": {
            "image_size": 128,
            "layers": 6,
            "width": 192,
            "head_width": 32,
            "patch_size": 16,
        },
        "text_cfg": {
            "context_length": 77,
            "vocab_size": 49408,
            "width": 192,
            "heads": 6,
            "layers": 4,
        },
    },
    "preprocess_cfg": {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]},
}


@dataclass(frozen=True, slots=True)
class ClipNet:
    """A model with what makes its inputs: pictures and texts to tensors.

    `side` is that of its images, `lock` the tower that is kept as it is.
    """

    model: Any
    preprocess: Callable[[Image.Image], Tensor]
    tokenize: Callable[[list[str]], Tensor]
    side: int
    lock: Lock

    def images(self, some: Sequence[Pixels]) -> Tensor:
        """Grey squares as a batch."""
        made = [self.preprocess(Image.fromarray(one).convert("RGB")) for one in some]
        return torch.stack(made).to(self.model.logit_scale.device)

    def words(self, some: Sequence[str]) -> Tensor:
        """Texts as a batch."""
        return self.tokenize(list(some)).to(self.model.logit_scale.device)

    def hold(self) -> None:
        """Keep the locked tower in evaluation mode: running means would change it too."""
        for name, part in self.model.named_children():
            if self.lock == ("image" if name == "visual" else "text"):
                part.eval()

    def image_vectors(self, some: Sequence[Pixels], size: int = 32) -> NDArray[np.float32]:
        """Unit vectors in evaluation mode, (len(some), dim)."""
        return self._vectors(some, size, lambda part: self.model.encode_image(self.images(part)))

    def text_vectors(self, some: Sequence[str], size: int = 32) -> NDArray[np.float32]:
        """Unit vectors in evaluation mode, (len(some), dim)."""
        return self._vectors(some, size, lambda part: self.model.encode_text(self.words(part)))

    def _vectors(
        self, some: Sequence[Any], size: int, encode: Callable[[Sequence[Any]], Tensor]
    ) -> NDArray[np.float32]:
        self.model.eval()
        with torch.no_grad():
            parts = [
                nn.functional.normalize(encode(some[start : start + size]).float(), dim=-1)
                for start in range(0, len(some), size)
            ]
        return torch.cat(parts).cpu().numpy()


def write_small(folder: Path, seed: int) -> Path:
    """A small model with random weights, 128 pixels, to train from nothing."""
    import open_clip
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    (folder / _CONFIG).write_text(json.dumps(_SMALL, indent=1), "utf-8")
    torch.manual_seed(seed)
    model = open_clip.create_model(f"local-dir:{folder}", load_weights=False)
    state = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    save_file(state, folder / _WEIGHTS[0])
    return folder


def load_clip(folder: Path, lock: Lock) -> ClipNet:
    """The model of a folder, with a tower kept as it is if told so.

    Raises:
        RadciteError: `NOT_FOUND` or `CONFIG_INVALID` for a folder that holds none.
    """
    loaded = local_open_clip(folder)
    model: Any = loaded.model
    visual = {id(parameter) for parameter in model.visual.parameters()}
    for name, parameter in model.named_parameters():
        tower = "image" if id(parameter) in visual else "text"
        free = name in {"logit_scale", "logit_bias"} or tower != lock
        parameter.requires_grad_(free)
    size: Any = model.visual.image_size
    side = int(size[0] if isinstance(size, Sequence) else size)
    return ClipNet(model, loaded.preprocess, loaded.tokenize, side, lock)


def contrast(images: Tensor, texts: Tensor, scale: Tensor, alike: NDArray[np.bool_]) -> Tensor:
    """The symmetric contrastive loss over a batch; pairs that show the same are not set against each other.

    Args:
        images: Unit vectors, (n, dim).
        texts: Unit vectors of their texts, (n, dim).
        scale: One over the temperature.
        alike: (n, n): whether two rows have the same label or words.

    Source: Radford et al., arXiv 2103.00020; Khosla et al., arXiv 2004.11362, for labels.
    """
    scores = scale * images @ texts.T
    others = torch.from_numpy(alike & ~np.eye(len(alike), dtype=np.bool_)).to(scores.device)
    scores = scores.masked_fill(others, float("-inf"))
    right = torch.arange(len(scores), device=scores.device)
    return (
        nn.functional.cross_entropy(scores, right) + nn.functional.cross_entropy(scores.T, right)
    ) / 2


def export_clip(model: Any, base: Path, out: Path) -> list[str]:
    """The trained weights with the base's configuration and tokenizer; the files by name."""
    from safetensors.torch import save_file

    if base.resolve() == out.resolve():
        raise RadciteError(
            "VALIDATION", "--out is the base model's folder", "--out 与基础模型目录相同"
        )
    for path in base.iterdir():
        if path.is_file() and path.suffix in {".json", ".txt", ".model"}:
            copyfile(path, out / path.name)
    state = {name: tensor.cpu().contiguous() for name, tensor in model.state_dict().items()}
    # Towers that share a tensor would be refused by the format.
    save_file({name: tensor.clone() for name, tensor in state.items()}, out / _WEIGHTS[0])
    return [_WEIGHTS[0], _CONFIG]
