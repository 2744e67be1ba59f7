"""radcite: answers about medical images and literature whose every citation was checked."""

from importlib import import_module

__version__ = "0.1.0"
__all__ = ["Radcite", "__version__"]


def __getattr__(name: str) -> object:
    """`Radcite` on first use: importing the package loads no engine, and no inner layer an outer one."""
    if name == "Radcite":
        return import_module("radcite.apps.facade").Radcite
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
