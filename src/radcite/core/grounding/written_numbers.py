"""How numbers and their bounds are written in Chinese and English.

Each pattern is linear: no group repeats another repetition of the same characters.
"""

import re

from radcite.core.grounding.units import UNIT

__all__ = [
    "ABOUT",
    "AT_LEAST",
    "AT_MOST",
    "CLASSIFIERS",
    "DECADES",
    "DIGIT",
    "EN",
    "FRACTIONS",
    "OR_LESS",
    "OR_MORE",
    "OVER",
    "REACHED",
    "SMALL",
    "UNDER",
    "ZH",
]

SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_NAMED = (
    rf"(?:{_TENS})[- ](?:one|two|three|four|five|six|seven|eight|nine)\b|(?:{'|'.join(SMALL)})\b"
)
DECADES = {
    "twenties": 20,
    "thirties": 30,
    "forties": 40,
    "fifties": 50,
    "sixties": 60,
    "seventies": 70,
    "eighties": 80,
}
FRACTIONS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
EN = re.compile(
    rf"(?P<frac>\b(?:(?P<many>one|two|three|four|a|an)[- ])?(?P<part>half|quarters?|thirds|fifths"
    rf"|tenths)\b|\b(?:a|one)[- ](?P<part1>third|fifth|tenth)\b)(?!-(?:life|time|dose))"
    rf"|\b(?P<top>one|two|three|four|five|six|seven|eight|nine|\d+) (?:in|out of) (?P<bottom>ten|five"
    rf"|three|four|\d+)\b(?! ?(?:%|mm|cm))"
    rf"|\b(?P<decade>{'|'.join(DECADES)})\b"
    r"|\b(?P<times>twice|doubl(?:ed?|ing)|tripl(?:ed?|ing)|trebled|halved|twofold|threefold|fourfold"
    r"|fivefold|sixfold|tenfold|fourteenfold)\b"
    rf"|(?<![A-Za-z0-9.])(?:(?P<cmp>[<>≤≥=]=?)\s?)?(?P<num>[-−]?\d+(?:,\d{{3}})+(?:\.\d+)?"
    rf"|[-−]?\d+(?:\.\d+)?)(?:[- ]?(?P<unit>{UNIT})|(?![A-Za-z]))(?![0-9])"
    rf"|\b(?P<word>{_NAMED})(?:[- ](?P<unit2>{UNIT}))?",
    re.IGNORECASE,
)
CLASSIFIERS = frozenset("枚名个处例人组")
DIGIT = "零一二两三四五六七八九十百千万半〇"
ZH = re.compile(
    rf"(?P<zfrac>(?P<bottom>[{DIGIT}]+)分之(?P<top>[{DIGIT}]+))|百分之(?P<pct>[{DIGIT}]+|\d+(?:\.\d+)?)"
    rf"|每一?(?P<per>千|万|百|\d+万|十万)[人名例剂][^\d，。；]{{0,8}}?(?P<rate>\d+(?:\.\d+)?)\s?(?:例|人|名)?"
    rf"|(?P<whole>\d+(?:\.\d+)?)/(?P<per2>\d*万|千)"
    r"|(?P<half>一半|半数)|(?P<twofold>翻倍|翻番|加倍)|(?P<halved>减半)"
    rf"|(?P<cmp>[<>≤≥=]=?)?\s?(?<![A-Za-z0-9.])(?P<num>[-−]\d+(?:\.\d+)?|\d+(?:,\d{{3}})+(?:\.\d+)?"
    rf"|\d+(?:\.\d+)?)(?P<wan>万)?(?:\s?(?P<unit>{UNIT})|(?![A-Za-z]))(?![0-9])"
    rf"|(?<![{DIGIT}第])(?P<word>[{DIGIT}]+)(?P<unit2>个月|个百分点|天|周岁|周|星期|年|岁|小时|分钟|秒|倍|例|名|枚|人|个|处|次|组"
    rf"|轮|期|级)"
    rf"|第(?P<nth>[{DIGIT}]|\d+)|(?P<first>首)(?=次|轮|剂|诊|发)",
    re.IGNORECASE,
)
UNDER = re.compile(
    r"(?:below|under|less than|smaller than|lower than|fewer than|shorter than|younger than"
    r"|not reaching|up to|within|不足|不到|低于|小于|少于|不满|未满)\s*$",
    re.IGNORECASE,
)
OVER = re.compile(
    r"(?:above|over|more than|larger than|greater than|higher than|exceed(?:s|ed|ing)?|older than"
    r"|longer than|beyond|超过|大于|高于|多于|逾)\s*$",
    re.IGNORECASE,
)
AT_LEAST = re.compile(
    r"(?:at least|no less than|not less than|minimum of|不低于|不少于|不小于|至少)\s*$",
    re.IGNORECASE,
)
AT_MOST = re.compile(
    r"(?:at most|no more than|not more than|maximum of|不超过|不高于|不大于|至多|最多|up to|不多于)\s*$",
    re.IGNORECASE,
)
REACHED = re.compile(r"(?:达到|已达)\s*$")
OR_MORE = re.compile(
    r"\s*(?:or (?:more|above|older|larger|greater|longer|higher|over)|and (?:above|over|older|more)"
    r"|(?:及|或|和)?以上|(?:及|或)更[高大多]|upwards?)",
    re.IGNORECASE,
)
OR_LESS = re.compile(
    r"\s*(?:or (?:less|fewer|below|younger|smaller|lower|under)|and (?:below|under|younger)|(?:及|或)?以下|以内)",
    re.IGNORECASE,
)
ABOUT = re.compile(
    r"(?:about|around|roughly|approximately|nearly|almost|some|just (?:over|under)|close to|大约|约|近"
    r"|将近|接近|左右)\s*(?:a|an)?\s*$",
    re.IGNORECASE,
)
