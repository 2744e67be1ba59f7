"""Questions of an examination: a stem about somebody of some age, and choices to pick from. Nobody is ill in them."""

import re

__all__ = ["is_exam"]

_STEM = 400
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|「[^」]*」")
_SOMEBODY = re.compile(
    r"\ban? (?:[a-z-]+ ){0,3}\d{1,3}[- ](?:year|month|week|day|hour)s?[- ]olds?\b"
    r"|(?:男|女)(?:性|孩|婴|童)?(?:患者|患儿)?[,，、\s]{0,2}\d{1,3} ?(?:岁|个?月|天)|\d{1,3} ?岁[的,，]?(?:男|女)",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"\bwhich (?:one )?of the following\b|(?:下列|以下)(?:哪|何|各项|选项|说法|关于|诊断|处理|检查|治疗)"
    r"|[(（][\s_]*[)）]",
    re.IGNORECASE,
)
_OPTION = re.compile(r"(?:^|[\s;；])[(（]?([A-E])[.．、)）:：]\s?(?=\S)")
_OPTIONS = 4
_SPEAKER = re.compile(
    r"\b(?:my|me|mine|our|ours|us|we|i'm|i've|i am|i have|i had|i feel|i think|should i)\b"
    r"|[我咱俺]|\b(?:help|urgent|right now|what now|just now)\b|怎么办|咋办|急[!！]|求助|现在怎么|正在抢救",
    re.IGNORECASE,
)


def is_exam(text: str) -> bool:
    """Whether a message is a question of an examination and speaks for nobody.

    It opens with somebody's age in the third person, lets choose of what follows, and outside quoted speech
    nobody says I, my or we, or asks for help.
    """
    told = _QUOTED.sub(" ", text)
    if _SPEAKER.search(told) or not _SOMEBODY.search(told, 0, _STEM):
        return False
    return _CHOICE.search(told) is not None or len(set(_OPTION.findall(told))) >= _OPTIONS
