"""Where a recipe computes: the device that is asked for, or the best there is."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false

from typing import Literal

from radcite.core.errors import RadciteError

__all__ = ["Device", "device_of"]

Device = Literal["auto", "cpu", "cuda"]


def device_of(asked: Device) -> str:
    """Torch's name of the device; `auto` is CUDA where there is one.

    Raises:
        RadciteError: `VALIDATION` when CUDA is asked for and torch finds none.
    """
    import torch

    there = bool(torch.cuda.is_available())
    if asked == "cuda" and not there:
        raise RadciteError(
            "VALIDATION",
            "torch finds no CUDA device here; ask for --device cpu",
            "torch 未找到 CUDA 设备；请使用 --device cpu",
        )
    return "cuda" if there and asked != "cpu" else "cpu"
