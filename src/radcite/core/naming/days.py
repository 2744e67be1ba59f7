"""Days, and months of a year, as people write them."""

from radcite.core.naming.forms import IS, MONTHS, NOT_COUNTED, Patterns

__all__ = ["DAYS"]

_DAY = (
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{8}"
    r"|(?:19|20)\d\d[-/.年]\d{1,2}月?(?!\d)|(?:0?[1-9]|1[0-2])[-/.](?:19|20)\d\d(?!\d)"
    rf"|(?:{MONTHS})\.? (?:19|20)\d\d"
    rf"|(?:{MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|"
    rf"rd|th)?[ -](?:{MONTHS})\.?[ -]\d{{2,4}})"
)

_WEEKDAY = r"(?:Mon|Tues?|Wed(?:nes|s)?|Thu(?:rs?)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?"
_ONES = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
_ORDINAL = (
    rf"(?:(?:(?:twenty|thirty)[- ])?(?:{_ONES})|tenth|eleventh|twelfth|(?:thir|four|fif|six|seven|"
    r"eigh|nine)teenth|(?:twen|thir)tieth)"
)
_CN_DIGITS = "一二三四五六七八九十"
_CN_FEW = rf"[{_CN_DIGITS}]{{1,3}}"
_CN_YEAR = r"[一二][〇零○Oo一二三四五六七八九]{3}年"


DAYS: Patterns = (
    ("DATE", r"(?:前天|昨天|今天|明天|后天|昨日|今日)(?P<value>\d{1,2}[日号])"),
    (
        "DATE",
        r"(?<=[，。；、：,;])(?P<value>[1-9]\d?月)(?=复查|复诊|行|来|在|入院|出院|于|因|曾|查|做|开始|起|底|份)",
    ),
    ("DATE", rf"(?<=[约改到])(?P<value>(?:\d{{1,2}}|{_CN_FEW})号)(?![间楼线床])"),
    ("DATE", r"(?:日期|时间|于|日)[:： ]?(?P<value>[0-3]\d\.\d{1,2}\.\d{1,2})(?![\d.])"),
    (
        "DOB",
        (
            rf"(?:(?i:\bD\.?O\.?B\.?|\bdate of birth|"
            rf"\bbirth ?date|\bborn(?: on)?)|出生日期|出生年月日?|"
            rf"出生(?=[:：])|生日|生于)(?:{IS}|[ \t]*)\(?(?P<value>{_DAY})"
        ),
    ),
    (
        "DATE",
        r"(?<![\d.\-/])(?P<value>(?:19|20)\d\d[-/.年][ ]?\d{1,2}[-/.月][ ]?\d{1,2}日?)(?![\d\-/])",
    ),
    ("DATE", r"(?<![\d.\-/])(?P<value>\d{1,2}[-/.]\d{1,2}[-/.](?:(?:19|20)\d\d))(?![\d\-/])"),
    ("DATE", rf"(?<![\d.\-/])(?P<value>\d{{1,2}}/\d{{1,2}}/\d\d)(?![\d\-/]){NOT_COUNTED}"),
    # Without marks, as radiology systems write it.
    (
        "DATE",
        (
            r"(?<![A-Za-z0-9_.\-/])(?P<value>(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
            r"(?![A-Za-z0-9_\-/%]|\.\d)"
        ),
    ),
    (
        "DATE",
        (
            rf"\b(?P<value>(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,"
            rf"? )?(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ \-](?:{MONTHS})\b\.?(?:,"
            rf"?[ \-](?:19|20)\d\d|[ \-]'?\d\d\b)?)(?![\d])"
        ),
    ),
    (
        "DATE",
        (
            rf"\b(?P<value>(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,"
            rf"? )?(?:{MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? (?:19|20)\d\d)?)(?!\d|"
            rf"\.\d|[ ]?(?:mg|ml|mm|%))"
        ),
    ),
    (
        "DATE",
        r"(?P<value>(?:[一二][〇零○Oo一二三四五六七八九]{3}年)?[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号])",
    ),
    ("DATE", r"(?<![\d年])(?P<value>\d{1,2}月(?:\d{1,2}[日号]|[初底末]|[上中下]旬))"),
    ("DATE", r"(?:上个?月|本月|这个?月|下个?月)(?P<value>\d{1,2}[日号])"),
    (
        "DATE",
        (
            r"\b(?i:on|since|from|until|dated|date|received|collected|reported|seen|"
            r"admitted|discharged)[: ]{1,2}(?P<value>(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|"
            rf"[12]\d|3[01]))(?![\d/]){NOT_COUNTED}"
        ),
    ),
    (
        "DATE",
        (
            rf"(?i:\b(?P<value>(?:{_WEEKDAY} )?(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL})"
            rf"(?: of)? (?!(?:may|mar)\b)(?:{MONTHS})\b(?:,? (?:19|20)\d\d)?))"
        ),
    ),
    ("DATE", rf"\b(?i:(?P<value>(?:the )?{_ORDINAL} of (?:{MONTHS})\b(?:,? (?:19|20)\d\d)?))"),
    ("DATE", rf"\b(?P<value>(?:{MONTHS})\.?,? (?:of )?(?:(?:19|20)\d\d|['’]\d\d))(?!\d)"),
    (
        "DATE",
        rf"\b(?i:(?P<value>(?:last|early|late|mid|previous)[ -](?!may\b)(?:{MONTHS})))\b(?![ ]\d)",
    ),
    ("DATE", rf"\b(?P<value>(?i:{_WEEKDAY} (?:the )?\d{{1,2}}(?:st|nd|rd|th)))\b"),
    ("DATE", rf"\b(?P<value>{_WEEKDAY} \d{{1,2}}/\d{{1,2}})(?![\d/])"),
    (
        "DATE",
        (
            r"\b(?i:on|since|until|till|by|from|for|before|after|and|of|last|dated|booked|due|appt|appointment|seen|"
            r"clinic|review|scan|op|surgery|admitted|discharged) "
            r"(?P<value>(?:the )?\d{1,2}(?:st|nd|rd|th))\b(?=[,.;:)\n]|$| (?i:and|at|of|to|for|with|"
            r"in|by|when|but|after|before|from|he|she|they|we|was|is|grew|showed|via|as|last|this)\b)"
        ),
    ),
    (
        "DATE",
        r"\b(?P<value>(?:Easter|Christmas|New Year|Boxing Day|Thanksgiving)(?: Day| Eve)? (?:19|20)\d\d)\b",
    ),
    (
        "DATE",
        rf"(?<![\w.\-/])(?P<value>\d{{2}}[.\-]\d{{2}}[.\-]\d{{2}})(?![\w\-/]|\.\d){NOT_COUNTED}",
    ),
    ("DATE", r"(?<![\w.\-/])(?P<value>(?:0?[1-9]|1[0-2])/(?:19|20)\d\d)(?![\d/])"),
    ("DATE", r"(?<![\w.\-/])(?P<value>(?:19|20)\d\d[./](?:0?[1-9]|1[0-2]))(?![\d./\-])"),
    (
        "DATE",
        (
            r"\b(?i:on the|again on|and|due|booked|taken|rebooked|review|seen|dated|d/c|dc|adm|last)"
            r"[: ]{1,2}(?P<value>(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2]))(?![\d/])"
            rf"{NOT_COUNTED}"
        ),
    ),
    (
        "DATE",
        r"(?:^|\n)(?P<value>(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2]))(?=:| [-–] | \d{2}:?\d{2}\b)",
    ),
    (
        "DATE",
        r"(?P<value>(?:19|20)\d\d年\d{1,2}月(?:份|初|底|末|[上中下]旬)?)(?![\d个])",
    ),
    (
        "DATE",
        rf"(?P<value>{_CN_YEAR}(?:{_CN_FEW}月(?:份|初|底|末|[上中下]旬)?)?)(?![{_CN_DIGITS}])",
    ),
    (
        "DATE",
        (
            rf"(?P<value>(?:去年|今年|前年|明年|同年|当年|本年|次年)(?:\d{{1,2}}|{_CN_FEW})月"
            rf"(?:(?:\d{{1,2}}|{_CN_FEW})[日号]|份|初|底|末|[上中下]旬)?)"
        ),
    ),
    (
        "DATE",
        r"(?<![\d.])(?P<value>[0-3]\d年\d{1,2}月(?:\d{1,2}[日号]|份|初|底|[上中下]旬)?)(?![个\d])",
    ),
    ("DATE", r"(?<=[于自从至到])(?P<value>\d{1,2}月)(?:份)?(?![龄大后个余\d])"),
    ("DATE", r"(?P<value>(?<![第\d个])[1-9]\d?月份)"),
    (
        "DATE",
        (
            r"(?:(?<=[于至从在到自，。；、：:\s定已是（(])|^)(?P<value>(?:[1-9]|[12]\d|3[01])[日号])"
            rf"(?![间龄后内均次量程床楼线管病切口房针导院刀孔诊标片机牙染球前来未余左无椎肋淋穴组猪{_CN_DIGITS}]|支架|电极)"
        ),
    ),
    (
        "DATE",
        (
            rf"(?:(?<=[于至从在到自，。；、：:\s（(])|^)(?P<value>{_CN_FEW}号)"
            r"(?![间内均次程床楼线管病切口房针导院刀孔诊标片机牙染球手椎肋淋穴组猪]|支架|电极)"
        ),
    ),
    (
        "DATE",
        (
            r"(?P<value>(?:农历|阴历)?(?:正|[一二三四五六七八九十冬腊])月(?:初[一二三四五六七八九十]|"
            r"廿[一二三四五六七八九]?|十[一二三四五六七八九](?![日号])))"
        ),
    ),
)
