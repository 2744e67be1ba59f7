"""What the patterns of several kinds of identifiers share."""

__all__ = ["HAN", "IS", "MONTHS", "NO_DIGIT", "Patterns"]

Patterns = tuple[tuple[str, str], ...]
HAN = "\u4e00-\u9fff"
NO_DIGIT = r"(?<![\d.\-/])"
IS = r"[ \t]*(?:[:：#=]|\b(?:is|no\.?|number|nr\.?)\b|[为是])?[ \t.:：#]*"
MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
