"""radcite: answers about medical images and literature whose every citation was checked."""

__version__ = "0.1.0"
__all__ = ["__version__"]
