from radcite.core.normalization import is_cjk
from radcite.core.sources import Language

__all__ = ["detect_language"]


def detect_language(text: str) -> Language:
    """`zh` when at least a fifth of the letters are Chinese characters, else `en`."""
    letters = [char for char in text if char.isalpha()]
    chinese = sum(map(is_cjk, letters))
    return "zh" if letters and chinese >= len(letters) / 5 else "en"
