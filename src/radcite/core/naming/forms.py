"""What the patterns of several kinds of identifiers share."""

__all__ = ["HAN", "IS", "MONTHS", "NOT_COUNTED", "NO_DIGIT", "Patterns"]

Patterns = tuple[tuple[str, str], ...]
HAN = "\u4e00-\u9fff"
NO_DIGIT = r"(?<![\d.\-/])"
IS = r"[ \t]*(?:[:：#=]|\b(?:is|no\.?|number|nr\.?)\b|[为是])?[ \t.:：#]*"
MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
# After figures that count or measure something, so that they are no day.
NOT_COUNTED = (
    r"(?![ ]?(?:mm|cm|mg|mcg|mL|ml|kg|%|°|[枚层个例颗支张针次级分周天月岁帧])|[ ]?(?:x|×)[ ]?\d"
    r"|[ -](?i:slices?|images?|frames?|(?:lymph )?nodes?|cores?|cycles?|sections?|levels?|samples?|biops\w+|quadrants?|"
    r"lobes?|segments?|fields?|hpfs?|systolic|diastolic|murmurs?|power|strength|testing|days?|weeks?|months?|hours?|"
    r"doses?|points?|fractions?|sessions?|cases?|patients?|specimens?|chips?|blocks?|positive|negative|leads?|teeth|"
    r"vessels?|ribs?|beats?|electrodes?|visits?|tabs?|tablets?|pulses?|throughout|bilaterally|pain|of)\b)"
)
