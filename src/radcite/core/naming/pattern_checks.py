"""Whether what has the form of an identifier is one: check digits, days that exist, places with a name of their own."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from radcite.core.naming.lexicon import kinds_of_surgery, zh_surnames, zh_words

__all__ = ["CHECKS", "is_national_id"]

_H = "\u4e00-\u9fff"
_NO_PLACES = re.compile(
    r"(?i:home|hospital|ward|icu|itu|hdu|ed|er|theatre|clinic|room|bed|(?:mon|tues|wednes|thurs|fri|satur|sun)day|"
    r"oxygen|i|he|she|dr|mrs?|ms|miss|intensive)\b"
)
_NO_HOSPITAL = re.compile(
    r"(?i:the |a |your |our |this |that |any |local |general |community |district "
    r"|outpatient |emergency |fracture |eye |hand |neurology |chest |breast "
    r"|pain |dental |day |"
    r"teaching |university |private |referring |same |another |other |children's "
    r"|previous |outside |acute |addiction |rheumatology |diabetes |memory |"
    r"stroke |heart |cancer |sleep |walk-in |gp |home )+"
    r"(?:hospitals?|clinic|surgery|general|infirmary|hospice|nursing home|care "
    r"home|medical cent(?:er|re)|health cent(?:er|re))"
)
_LOCAL_HOSPITAL = re.compile(
    r"(?:[我本外该某各贵]|当地|上级|下级|多家|其他|其它|别的|基层|你们|"
    r"他们|我们|一家|两家|几家|附近|大|小|正规|专科|综合|公立|私立|三甲|"
    r"省级?|市级?|县级?|区级?|社区|乡镇|村|中|西|口腔|眼科|肿瘤|儿童|"
    r"妇产|精神|外地|国外|国内|去过?|到|在|来|转|去|建议|及时|门诊|"
    r"住|立即|尽快|需要?|可|应|请|于|由|至|往|的)+"
    r"(?:医院|卫生院|保健院|诊所|疗养院|养老院|敬老院|福利院|卫生服务中心)"
)
_MIXED_BUT_NO_CODE = re.compile(
    r"NCT|PMC|PMID|ISRCTN|ICD|DOI|COVID|SARS|HLA|M-?\d{4,5}/\d|\d+(?:MG|ML|MCG|IU|KV|HZ|CM|MM|CFU|HU|MBQ|GBQ|MGY|MSV|NM|KG|BPM|MS|S|U|X\d+)\b|"
    r"[A-Z]+[\-/](?:19|20)\d\d$|(?:19|20)\d\d[\-/][A-Z]+$"
)
_YEARS_OR_DAY = re.compile(r"(?:(?:19|20)\d\d-?)+|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}-\d{1,2}-\d{4}")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _is_id(value: str) -> bool:
    digits = value.replace(" ", "")
    return len(digits) != 18 or is_national_id(digits)


def is_national_id(value: str) -> bool:
    """Whether eighteen characters bear their check digit: GB 11643-1999, ISO 7064 MOD 11-2."""
    total = sum(int(digit) * weight for digit, weight in zip(value[:17], _WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == value[17].upper()


def _is_record(value: str) -> bool:
    digits = sum(map(str.isdigit, value))
    if re.fullmatch(r"(?:[A-Z]{1,2}\d{1,3}|\d{1,2}[A-Z])(?:-\d{1,3})?", value):
        return True
    return digits >= 3 and not re.fullmatch(
        r"\d{1,2}/\d{1,2}|\d{4}-\d{2}-\d{2}|(?:19|20)\d\d", value
    )


def _is_mixed(value: str) -> bool:
    """Whether letters and figures make a code by themselves, and no marker, level, stage, dose or trial."""
    digits = sum(map(str.isdigit, value))
    return (
        digits >= 4
        and digits < len(re.sub(r"[\-/]", "", value))
        and _MIXED_BUT_NO_CODE.match(value) is None
        and not all(
            re.fullmatch(r"[A-Z]{0,6}\d{0,3}[A-Z]?", part) for part in re.split(r"[\-/]", value)
        )
    )


def _is_code(value: str) -> bool:
    if re.fullmatch(r"[A-Z]{1,4}-\d{2,4}-\d{3,7}[A-Z]?", value):
        return True
    if re.fullmatch(r"[\d-]+", value) and "-" in value:
        return sum(map(str.isdigit, value)) >= 8 and not _YEARS_OR_DAY.fullmatch(value)
    if re.fullmatch(r"(?:19|20)\d{6}", value) and _is_day(value):
        return False
    return sum(map(str.isdigit, value)) >= (7 if "-" in value else 6)


def _is_name(value: str) -> bool:
    if not re.match(rf"[{_H}]", value) or "·" in value:
        return True
    surnames = zh_surnames()
    named = value[0] in surnames or value[:2] in surnames
    return named and not any(value[:size] in zh_words() for size in (2, 3, 4))


def _is_phone(value: str) -> bool:
    return value[0].isalpha() or sum(map(str.isdigit, value)) >= 6


def _is_place(value: str) -> bool:
    if re.search(rf"[{_H}]", value):
        return _LOCAL_HOSPITAL.fullmatch(value) is None and not re.search(
            r"[，。]|住院|出院|医院的|病医院|定期|正规|专科医院|[到去来或]医院|或者|决定|哪家",
            value,
        )
    words = value.lower().split()
    if words[-1] in {"surgery", "general", "clinic"} and (
        len(words) < 2
        or words[-2] in kinds_of_surgery()
        or (len(words) == 2 and words[-1] != "general")
    ):
        return False
    return _NO_HOSPITAL.fullmatch(value) is None


def _is_address(value: str) -> bool:
    if re.search(rf"[{_H}]", value):
        return len(value) > 1 and not re.search(r"神经|淋巴|动脉|静脉|椎|肺|肝|染色体", value)
    return _NO_PLACES.match(value) is None


def _is_day(value: str) -> bool:
    numbers = [int(each) for each in re.findall(r"\d+", value)]
    if re.fullmatch(r"\d{8}", value):
        numbers = [int(value[:4]), int(value[4:6]), int(value[6:])]
    if re.search(rf"[A-Za-z{_H}]", value) and len(numbers) < 3:
        return all(1 <= each <= 31 or 1900 <= each <= 2100 for each in numbers)
    if len(numbers) == 2:
        return 1 <= min(numbers) <= 12
    if len(numbers) != 3:
        return True
    year = next((each for each in (numbers[0], numbers[2]) if each > 31), numbers[2])
    rest = numbers[1:] if year == numbers[0] else numbers[:2]
    return 1 <= min(rest) <= 12 and 1 <= max(rest) <= 31 and _exists(year, rest)


def _exists(year: int, rest: list[int]) -> bool:
    year = year if year > 99 else 2000 + year
    for month, day in (rest, rest[::-1]):
        try:
            date(year, month, day)
        except ValueError:
            continue
        return True
    return False


CHECKS: Mapping[str, Callable[[str], bool]] = {
    "ID": _is_id,
    "PHONE": _is_phone,
    "RECORD": _is_record,
    "CODE": _is_code,
    "MIXED": _is_mixed,
    "NAME": _is_name,
    "DOCTOR": _is_name,
    "HOSPITAL": _is_place,
    "ADDRESS": _is_address,
    "DATE": _is_day,
}
