"""Where a text model's files lie: a local folder, or one fetched from the hub by name."""

import re
from pathlib import Path

from radcite.core.errors import RadciteError

__all__ = ["local_model"]

_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_WANTED = ["*.json", "*.txt", "onnx/model.onnx*", "model.onnx*"]


def local_model(name: str) -> Path:
    """The folder of a model; one named `owner/model` is fetched from the hub once and cached.

    Raises:
        RadciteError: `NOT_FOUND` when there is neither such a folder nor such a model at hand.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    if not _HUB_NAME.fullmatch(name):
        raise RadciteError(
            "NOT_FOUND", f"no model folder {folder.name}", f"没有模型目录 {folder.name}"
        )
    from huggingface_hub import (
        snapshot_download,  # pyright: ignore[reportUnknownVariableType] - its agent is a bare dict
    )
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=_WANTED))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as exc:
        raise RadciteError(
            "NOT_FOUND", f"{name} cannot be fetched from the hub", f"无法从模型库获取 {name}"
        ) from exc
