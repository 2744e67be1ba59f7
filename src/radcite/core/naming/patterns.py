"""Identifiers that their form or a label gives away: numbers, addresses, days, ages, places of treatment."""

import re
from collections.abc import Iterator

from radcite.core.naming.addresses import ADDRESSES
from radcite.core.naming.codes import CODES
from radcite.core.naming.days import DAYS
from radcite.core.naming.forms import HAN, IS, NO_DIGIT, Patterns
from radcite.core.naming.found import Found
from radcite.core.naming.pattern_checks import CHECKS

__all__ = ["patterned"]

_LATIN_NAME = (
    r"[A-Z][A-Za-z'’\-]+(?:,[ \t]*[A-Z][A-Za-z'’\-]+)?"
    r"(?:[ \t]+(?![A-Za-z]+[ \t]*[:：])(?:[A-Z]\.|[A-Z][a-z'’\-]+)){0,2}"
)
_NAME = rf"(?:{_LATIN_NAME}|[{HAN}·]{{2,4}}(?![{HAN}]))"

# Kind in English and Chinese, then a pattern whose group `value` is what goes.
_PATTERNS: Patterns = (
    (
        "PHONE",
        r"(?<![零〇幺一二三四五六七八九十百年])(?P<value>[零〇幺一二三四五六七八九]{7,12})(?![零〇幺一二三四五六七八九年月])",
    ),
    ("EMAIL", r"(?P<value>[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)"),
    ("URL", r"(?P<value>(?:https?://|www\.)[^\s，。；、)）\]】>\"']{3,200})"),
    (
        "PHONE",
        rf"{NO_DIGIT}(?P<value>(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{{4}}[ \-]?\d{{4}})(?!\.?\d)",
    ),
    (
        "PHONE",
        (
            rf"{NO_DIGIT}(?P<value>(?:\+?1[ \-.])?(?:\(\d{{3}}\) ?|\d{{3}}[\-.])\d{{3}}[\-.]\d{{4}}(?: "
            rf"?(?:ext\.?|x) ?\d{{2,6}})?)(?!\.?\d)"
        ),
    ),
    ("PHONE", r"(?<![\w.])(?P<value>\+\d{1,3}(?:[ \-.]?\(?\d{1,5}\)?){2,6})(?!\d|\.\d)"),
    (
        "PHONE",
        (
            rf"{NO_DIGIT}(?P<value>[(（]?0\d{{2,3}}[)）]?[ "
            rf"\-－—]?\d{{3,4}}[ \-]?\d{{4}}(?:[ \-转]{{1,"
            rf"2}}\d{{1,5}})?)(?!\d|\.\d)"
        ),
    ),
    (
        "PHONE",
        (
            rf"{NO_DIGIT}(?P<value>\(?0\d{{1,4}}\)?[ \-]\d{{3,4}}[ \-]?\d{{3,4}})(?!\d|"
            rf"\.\d|[ ]?(?:mg|ml|mm))"
        ),
    ),
    (
        "PHONE",
        rf"{NO_DIGIT}(?P<value>[48]00[ \-]?\d{{3,4}}[ \-]?\d{{3,4}})(?!\d|\.\d|[ ]?(?:mg|ml|mm))",
    ),
    (
        "PHONE",
        (
            r"(?:(?i:\bphone|\btel(?:ephone)?|\bmobile|"
            r"\bcell|\bfax|\bpager|\bbleep|\bcall(?:ed)?(?: "
            r"back)?(?: on| at)?|\bcontact(?: on| at)?)|"
            r"电话|手机号?码?|联系方式|传真|微信号?|QQ|号码)"
            rf"{IS}(?:[:：是为]|\bon\b|\bat\b)?[ \t]*(?P<value>\+?[\d(（][\d "
            rf"\-()（）]{{4,18}}\d)(?![ ]?(?:mg|ml|mm|%))"
        ),
    ),
    ("PHONE", r"(?P<value>(?:\b(?i:ext(?:ension|n)?)\.?[ ]?|分机号?[:：]?)\d{3,6})(?!\d)"),
    (
        "NAME",
        (
            r"(?:\b(?:(?:Patient|PATIENT|patient)(?:['’]s)? )?(?:Name|NAME|name)[ \t]*[:：]|"
            r"\b(?:Patient|PATIENT)[ \t]*:"
            rf"|(?:患者|病人|产妇|患儿)?姓[ \t\u3000]*名[ \t]*[:：]|(?:患者|病人)[ "
            rf"\t]*[:：])[ \t]*(?P<value>{_NAME})"
        ),
    ),
    (
        "DOCTOR",
        (
            r"(?:\bDr\.?[ \t]+|(?:医师|医生|大夫|技师|护士|药师|签名|签字|术者|主刀|助手|监护人|家属"
            r"|(?:书写|记录|审核|复核|报告|检查|诊断|申请|送检|签发|操作|登记|开单|联系|受检|评估|随访|投保|陪同|护理)"
            rf"(?:者|人|员))[ \t]*[:：][ \t]*)(?P<value>{_NAME})"
        ),
    ),
    (
        "AGE",
        (
            r"(?<![\d.])(?P<value>(?:9\d|1[01]\d)[ "
            r"\-]?(?:years?|yrs?|y\.?/?o\b)(?:[ \-](?:old|of age))?)"
        ),
    ),
    (
        "AGE",
        r"(?:(?i:\bage[d]?|\bage:)[ :]{1,3}|年龄[:：]?[ ]?)(?P<value>(?:9\d|1[01]\d))(?![\d.%])",
    ),
    ("AGE", r"(?<![\d.])(?P<value>(?:9\d|1[01]\d))(?=[ -]?[MF]\b|[ ]?(?:M|F)/)"),
    (
        "AGE",
        (
            r"\b(?P<value>(?i:ninety)(?:[- ](?i:one|two|three|four|five|six|seven|eight|"
            r"nine))?(?:[- ]years?(?:[- ]old)?)?|(?i:a hundred|one hundred)(?: and \w+)?(?=[ -]years?[ -]old))\b"
            r"(?! ?(?:percent|per cent|degrees|minutes|seconds|days|%))"
        ),
    ),
    ("AGE", r"(?P<value>(?:九十[一二三四五六七八九]?|一百(?:零?[一二三四五六七八九十])?)周?岁)"),
    (
        "PHONE",
        r"(?P<value>(?:\b(?i:bleep|pager?|dect|x|extension|ext\.?)[ :#]{0,2})\d{3,6})(?!\d|[ ]?(?:mg|ml|mm))",
    ),
    (
        "PHONE",
        (
            r"\b(?i:on|call|ring|tel|phone|cell|mobile|mob|number|at|contact|fax|landline|work|home)[:.]? "
            r"(?P<value>\d{3,5}[ \-.]\d{3,4}(?:[ \-]\d{3,4})?)(?!\d|\.\d|[ ]?(?:mg|ml|mm))"
        ),
    ),
    ("PHONE", r"(?<![\d.\-/])(?P<value>0\d{3,4}[ \-]\d{3}[ \-]?\d{3,4})(?!\d)"),
    ("AGE", r"\b(?P<value>(?i:(?:non|cent)agenarian|centenarian))\b"),
    ("AGE", r"\b(?i:his|her|their)(?: (?i:early|mid|late))?[ -](?P<value>(?i:nineties|90s))\b"),
    (
        "AGE",
        r"(?<![\d.])(?P<value>9\d|1[01]\d)(?=[ \-]?(?i:yrs?|years?|y)\b|[ \-]?y\.?/?o\b| ?/ ?[MF]\b)",
    ),
    (
        "AGE",
        r"(?P<value>九十[多余几]岁|(?:九十[一二三四五六七八九]?|百)岁|九旬|(?:虚岁|虚龄|高龄|现年|时年|年已)(?:9\d|1[01]\d|九十[一二三四五六七八九]?)岁?)",
    ),
    ("AGE", r"(?<![\d.])(?P<value>(?:9\d|1[01]\d)[多余]?[周虚]?岁)"),
)
_COMPILED = tuple(
    (kind, re.compile(pattern)) for kind, pattern in (*_PATTERNS, *CODES, *ADDRESSES, *DAYS)
)
# Words before a place that its pattern takes in; a district may hold such a character (`于洪区`).
_LEAD_IN = re.compile(
    rf"^[^省市县]{{0,12}}(?:转自|来自|家住|住址|地址|寄往|送至|住|在|于|"
    rf"往|至|到|由|从|叫)(?=[{HAN}]{{3,}})"
)
_LEAD_IN_EN = re.compile(r"^(?:(?:of|the|and|for|at) )+")


def patterned(text: str) -> Iterator[Found]:
    """Identifiers with a form or a label of their own, some of them twice."""
    for kind, pattern in _COMPILED:
        check = CHECKS.get(kind, bool)
        for match in pattern.finditer(text):
            start, end = match.span("value")
            value = text[start:end]
            lead = (
                (_LEAD_IN.match(value) or _LEAD_IN_EN.match(value))
                if kind in {"ADDRESS", "HOSPITAL"}
                else None
            )
            if lead:
                start += lead.end()
                value = text[start:end]
            trimmed = value.rstrip(" .,，-")
            # A number that is the whole of a field is a code of that field.
            alone = kind == "CODE" and trimmed == text.strip()
            if trimmed and not alone and check(trimmed):
                yield Found(
                    start, start + len(trimmed), "CODE" if kind == "MIXED" else kind, sure=True
                )
