"""BiomedCLIP and its kin through open_clip; needs the extra `vision`."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import asyncio
import hashlib
import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from radcite.backends.images.pixels import picture
from radcite.core.errors import RadciteError
from radcite.core.vectors import Pixels, Vectors, unit_rows

if TYPE_CHECKING:
    import torch

__all__ = [
    "LoadedClip",
    "OpenClipEncoder",
    "declare_torchvision_operators",
    "local_open_clip",
]

_ItemT = TypeVar("_ItemT")

_BATCH = 32
_CONFIG_FILE = "open_clip_config.json"


class _Clip(Protocol):
    visual: Any

    def encode_image(self, image: "torch.Tensor") -> "torch.Tensor": ...
    def encode_text(self, text: "torch.Tensor") -> "torch.Tensor": ...
    def state_dict(self) -> Mapping[str, "torch.Tensor"]: ...
    def eval(self) -> object: ...


class OpenClipEncoder:
    """A CLIP model's two towers, in evaluation mode; work off the event loop.

    Args:
        name: A hub name (`hf-hub:microsoft/BiomedCLIP-PubMedBERT_256-vit_base_patch16_224`), or a
            folder with `open_clip_config.json`, the weights and the tokenizer's files. Where the
            text tower is a Hugging Face model, the folder also holds that model's `config.json`;
            nothing is then fetched.
        device: Where torch computes: `cpu`, `cuda`, `cuda:1`.

    Raises:
        RadciteError: `MISSING_EXTRA` without torch or open_clip, `NOT_FOUND` for a folder without
            a configuration, `CONFIG_INVALID` for a model that cannot be loaded.
    """

    def __init__(self, name: str, *, device: str = "cpu") -> None:
        _import_open_clip()
        source = _locate(name)
        loaded = _load(name, source, device)
        self._model = loaded.model
        self._model.eval()
        self._preprocess, self._tokenizer = loaded.preprocess, loaded.tokenize
        self._device = device
        label = Path(name).name if source.startswith("local-dir:") else name
        self._fingerprint = f"open_clip:{label}:{_digest(self._model)[:12]}"
        self._dim = self._encode_images([np.zeros((8, 8), dtype=np.uint8)]).shape[1]

    @property
    def fingerprint(self) -> str:
        """Name of the model and digest of its weights and preprocessing."""
        return self._fingerprint

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._dim

    @property
    def reads_text(self) -> bool:
        """True: texts and images share the space."""
        return True

    async def encode(self, images: Sequence[Pixels]) -> Vectors:
        """Vectors in the order given: (len(images), dim), float32, unit length.

        Images are resized and normalised as the model's configuration says.

        Raises:
            RadciteError: `VALIDATION` for anything but non-empty uint8 grey or RGB pixels,
                `EMBEDDING_INVALID` when the model returns zero or non-finite vectors.
        """
        return await asyncio.to_thread(self._in_batches, images, self._encode_images)

    async def encode_text(self, texts: Sequence[str]) -> Vectors:
        """Vectors of texts in the image space: (len(texts), dim), float32, unit length.

        Texts are cut at the model's context length.

        Raises:
            RadciteError: `EMBEDDING_INVALID` when the model returns zero or non-finite vectors.
        """
        return await asyncio.to_thread(self._in_batches, texts, self._encode_texts)

    def _in_batches(
        self, items: Sequence[_ItemT], encode: Callable[[Sequence[_ItemT]], NDArray[np.float32]]
    ) -> Vectors:
        vectors = np.empty((len(items), self._dim), dtype=np.float32)
        for start in range(0, len(items), _BATCH):
            vectors[start : start + _BATCH] = unit_rows(encode(items[start : start + _BATCH]))
        return vectors

    def _encode_images(self, images: Sequence[Pixels]) -> NDArray[np.float32]:
        import torch

        batch = torch.stack([self._preprocess(picture(image).convert("RGB")) for image in images])
        with torch.inference_mode():
            return self._model.encode_image(batch.to(self._device)).float().cpu().numpy()

    def _encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch

        tokens = self._tokenizer(list(texts))
        with torch.inference_mode():
            return self._model.encode_text(tokens.to(self._device)).float().cpu().numpy()


@dataclass(frozen=True, slots=True)
class LoadedClip:
    """A model with what makes its inputs."""

    model: _Clip
    preprocess: "Callable[[Image.Image], torch.Tensor]"
    tokenize: "Callable[[list[str]], torch.Tensor]"


def local_open_clip(folder: Path) -> LoadedClip:
    """The model in a folder; nothing is fetched.

    Raises:
        RadciteError: As `OpenClipEncoder`.
    """
    return _load(str(folder), _locate(str(folder)), "cpu")


def _load(name: str, source: str, device: str) -> LoadedClip:
    open_clip = _import_open_clip()
    try:
        overrides = _local_text_tower(Path(name))
        model, preprocess = open_clip.create_model_from_pretrained(
            source, device=device, **overrides
        )
        tokenizer = open_clip.get_tokenizer(source)
    except Exception as exc:  # open_clip's failures share no base and quote local paths
        raise RadciteError(
            "CONFIG_INVALID",
            "open_clip cannot load the image encoder: check its name, or its folder's"
            " configuration, weights, tokenizer and the text tower's config.json",
            "open_clip 无法加载图像编码器：请检查其名称，或目录中的配置、权重、分词器及文本分支的 config.json",
        ) from exc
    return LoadedClip(
        cast("_Clip", model),
        cast("Callable[[Image.Image], torch.Tensor]", preprocess),
        cast("Callable[[list[str]], torch.Tensor]", tokenizer),
    )


@cache
def declare_torchvision_operators() -> object:
    """Make `import torchvision` work where its CUDA build lies beside a CPU build of torch.

    The wheel on PyPI is a CUDA build: without CUDA its compiled part does not load, the operators
    it would declare are missing, and its import fails, and with it that of open_clip, timm and
    peft. None of the operators is called here, so their declaration is enough. A torchvision that
    imports is left as it is.

    Returns:
        The declarations, or `None` if none were needed; the cache keeps them alive, since torch
        withdraws them with the object.
    """
    import torch

    try:
        importlib.import_module("torchvision")
    except RuntimeError:
        library = torch.library.Library("torchvision", "DEF")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        return library
    return None


def _import_open_clip() -> Any:
    try:
        declare_torchvision_operators()
        import open_clip
    except ImportError as exc:
        raise RadciteError(
            "MISSING_EXTRA",
            "the image encoder needs open_clip and torch: install the extra `vision`",
            "该图像编码器需要 open_clip 与 torch：请安装组件 `vision`",
        ) from exc
    return open_clip


def _locate(name: str) -> str:
    if name.startswith("hf-hub:"):
        return name
    if not (Path(name) / _CONFIG_FILE).is_file():
        raise RadciteError(
            "NOT_FOUND",
            f"{_CONFIG_FILE} is missing in the image encoder's folder",
            f"图像编码器目录中缺少 {_CONFIG_FILE}",
        )
    return f"local-dir:{name}"


def _local_text_tower(folder: Path) -> dict[str, object]:
    """What to replace in a folder's configuration so that nothing is fetched."""
    if not (folder / "config.json").is_file():
        return {}
    # open_clip asks the hub for the text tower's architecture even when all weights are local.
    text = json.loads((folder / _CONFIG_FILE).read_text("utf-8"))["model_cfg"]["text_cfg"]
    if "hf_model_name" not in text:
        return {}
    return {"text_cfg": {**text, "hf_model_name": str(folder), "hf_model_pretrained": False}}


def _digest(model: _Clip) -> str:
    """Digest of weights and preprocessing, whatever file format they came in."""
    import torch

    digest = hashlib.sha256(
        json.dumps(model.visual.preprocess_cfg, sort_keys=True, default=str).encode()
    )
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        content = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        digest.update(content.numpy().tobytes())
    return digest.hexdigest()
