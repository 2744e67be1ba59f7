"""Identifiers that their form or a label gives away: numbers, addresses, days, ages, places of treatment."""

import re
from collections.abc import Iterator

from radcite.core.naming.found import Found
from radcite.core.naming.pattern_checks import CHECKS

__all__ = ["patterned"]

_H = "\u4e00-\u9fff"
_NO_DIGIT = r"(?<![\d.\-/])"
_IS = r"[ \t]*(?:[:：#=]|\b(?:is|no\.?|number|nr\.?)\b|[为是])?[ \t.:：#]*"
_CODE = r"(?=[A-Za-z\-/]*\d)[A-Za-z0-9][A-Za-z0-9\-/]{2,}"
_MONTHS = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
_LATIN_NAME = (
    r"[A-Z][A-Za-z'’\-]+(?:,[ \t]*[A-Z][A-Za-z'’\-]+)?(?:[ \t]+(?:[A-Z]\.|[A-Z][a-z'’\-]+)){0,2}"
)
_NAME = rf"(?:{_LATIN_NAME}|[{_H}·]{{2,4}}(?![{_H}]))"
_DAY = (
    r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{8}"
    rf"|(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|"
    rf"rd|th)?[ -](?:{_MONTHS})\.?[ -]\d{{2,4}})"
)
_STREET = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|"
    "Place|Pl|Terrace|Ter|Way|Close|Crescent|Cres|Square|Sq|Highway|Hwy|Parkway|"
    "Pkwy|"
    "Circle|Cir|Grove|Gardens|Mews|Row|Walk|Rise|Quay|Esplanade|Parade|Trail|Loop|Alley"
)
_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_CN_NUMBER = r"(?:[0-9A-Za-z甲乙丙]{1,6}|[一二三四五六七八九十百]{1,4})"
_CN_ROAD = "路|街|大道|巷|弄|胡同|村|屯|里|道|小区|花园|苑|社区|新村|家园|公寓|庄|城|广场|大厦"
_CN_DOOR = (
    rf"(?:{_CN_NUMBER}(?:号院|号楼|号|弄|栋|幢|座|楼|单元|"
    rf"室|层|组|队|院)(?:[前后东西南北]楼)?|[东西南北]区|[A-Z]座){{1,"
    rf"6}}"
)

# Kind in English and Chinese, then a pattern whose group `value` is what goes.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("EMAIL", r"(?P<value>[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)"),
    ("URL", r"(?P<value>(?:https?://|www\.)[^\s，。；、)）\]】>\"']{3,200})"),
    ("ID", r"(?<![0-9A-Za-z])(?P<value>\d{17}[\dXx])(?![0-9A-Za-z])"),
    ("ID", r"(?<![\d\-])(?P<value>\d{3}-\d{2}-\d{4})(?![\d\-])"),
    ("ID", r"(?<![\d\-])(?P<value>\d{3} \d{3} \d{4})(?![\d\-])"),
    (
        "DOB",
        (
            rf"(?:(?i:\bD\.?O\.?B\.?|\bdate of birth|"
            rf"\bbirth ?date|\bborn(?: on)?)|出生日期|出生年月日?|"
            rf"生日|生于)(?:{_IS}|[ \t]*)\(?(?P<value>{_DAY})"
        ),
    ),
    (
        "RECORD",
        (
            r"(?:(?i:\bMRN|\bmedical record|\bpatient ID|\baccession|\bhosp(?:ital)?(?= "
            r"(?:no|number|id|#))|\bNHS|\brecord|\bchart|\bcase(?= (?:no|number|id|#))|"
            r"\baccount|\bacct|\bencounter|\bvisit(?= (?:no|number|id|#))|"
            r"\bpolicy|\binsurance(?: id)?|\bmember(?: id)?|\bMedicare|\bMedicaid|\bpassport|"
            r"\blicen[cs]e|\bserial|\bspecimen(?= (?:no|number|id|#))|\blab(?= (?:no|"
            r"number|id|#))|\border(?= (?:no|number|id|#))|\bSSN|\bstudy id|\bexam id|"
            r"\bCHI|\bH\+C|\bIC|\bNRIC)"
            r"|住院号码?|住院|病历号|病案号|门诊号|检查号|影像号|登记号|就诊卡号?|"
            r"就诊号|病理号|标本号|条码号?|条形码|申请单号|超声号|放射号|X线号|"
            r"CT号|MR号|片号|编号|身份证号码?|身份证|证件号码?|护照号?|护照|"
            r"医保卡?号?|社保号|社保卡号?|工号|执业证号?|床位号|流水号|票据号|"
            r"银行卡号?)"
            rf"{_IS}(?P<value>{_CODE})"
        ),
    ),
    (
        "CODE",
        r"(?<![A-Za-z0-9\-])(?P<value>(?!NCT|PMC|PMID|ISRCTN|ICD|DOI|COVID|SARS)[A-Z]{1,4}-?\d{2,4}-\d{3,7}[A-Z]?)(?![A-Za-z0-9\-])",
    ),
    (
        "CODE",
        r"(?<![A-Za-z0-9\-])(?P<value>(?!NCT|PMC|PMID|ISRCTN|ICD|DOI)[A-Z]{1,4}\d{6,}[A-Z]?)(?![A-Za-z0-9\-])",
    ),
    (
        "PHONE",
        rf"{_NO_DIGIT}(?P<value>(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{{4}}[ \-]?\d{{4}})(?!\.?\d)",
    ),
    (
        "PHONE",
        (
            rf"{_NO_DIGIT}(?P<value>(?:\+?1[ \-.])?(?:\(\d{{3}}\) ?|\d{{3}}[\-.])\d{{3}}[\-.]\d{{4}}(?: "
            rf"?(?:ext\.?|x) ?\d{{2,6}})?)(?!\.?\d)"
        ),
    ),
    ("PHONE", r"(?<![\w.])(?P<value>\+\d{1,3}(?:[ \-.]?\(?\d{1,5}\)?){2,6})(?!\d|\.\d)"),
    (
        "PHONE",
        (
            rf"{_NO_DIGIT}(?P<value>[(（]?0\d{{2,3}}[)）]?[ "
            rf"\-－—]?\d{{3,4}}[ \-]?\d{{4}}(?:[ \-转]{{1,"
            rf"2}}\d{{1,5}})?)(?!\d|\.\d)"
        ),
    ),
    (
        "PHONE",
        (
            rf"{_NO_DIGIT}(?P<value>\(?0\d{{1,4}}\)?[ \-]\d{{3,4}}[ \-]?\d{{3,4}})(?!\d|"
            rf"\.\d|[ ]?(?:mg|ml|mm))"
        ),
    ),
    (
        "PHONE",
        rf"{_NO_DIGIT}(?P<value>[48]00[ \-]?\d{{3,4}}[ \-]?\d{{3,4}})(?!\d|\.\d|[ ]?(?:mg|ml|mm))",
    ),
    (
        "PHONE",
        (
            r"(?:(?i:\bphone|\btel(?:ephone)?|\bmobile|"
            r"\bcell|\bfax|\bpager|\bbleep|\bcall(?:ed)?(?: "
            r"back)?(?: on| at)?|\bcontact(?: on| at)?)|"
            r"电话|手机号?码?|联系方式|传真|微信号?|QQ|号码)"
            rf"{_IS}(?:[:：是为]|\bon\b|\bat\b)?[ \t]*(?P<value>\+?[\d(（][\d "
            rf"\-()（）]{{4,18}}\d)(?![ ]?(?:mg|ml|mm|%))"
        ),
    ),
    ("PHONE", r"(?P<value>(?:\b(?i:ext(?:ension|n)?)\.?[ ]?|分机号?[:：]?)\d{3,6})(?!\d)"),
    (
        "CODE",
        (
            r"(?<![\d.\-/A-Za-z])(?P<value>\d{8,17})(?![\d.\-/%]|[ ]?(?:copies|IU|cells|"
            r"/|[a-zA-Zμµ]{1,3}/))"
        ),
    ),
    (
        "ADDRESS",
        (
            r"(?:(?i:\b(?:home |postal |mailing )?address)|"
            r"家庭住址|现住址|户籍地址|户籍地|住址|地址)[ \t]*[:：][ \t]*(?P<value>[^\n;；。\[]{2,120})"
        ),
    ),
    (
        "ADDRESS",
        (
            r"(?P<value>(?:(?:Flat|Apt\.?|Apartment|Unit|Suite|Room|Block) \w{1,5},? "
            r")?(?<![\d.])\d{1,5}[A-Za-z]?(?:-\d{1,5})? (?:[A-Z][\w'’.\-]+ ){1,4}"
            rf"(?:{_STREET})\b\.?(?:,? (?:Apt\.?|Apartment|Unit|Flat|Suite|Ste\.?|#) "
            rf"?\w{{1,5}})?(?:, (?:Co\. )?[A-Z][a-z'’]+(?: [A-Z][a-z'’]+)*){{0,3}}(?:,"
            rf"? [A-Z]{{2}}\b)?(?:,? (?:\d{{5}}(?:-\d{{4}})?|{_POSTCODE}))?)"
        ),
    ),
    (
        "ADDRESS",
        (
            r"(?P<value>(?<![\d.])\b\d{1,4}[a-z]? (?:[a-z]{3,} ){1,2}(?:street|road|"
            r"avenue|lane|drive|close|crescent|terrace|grove|gardens))\b"
        ),
    ),
    ("ADDRESS", rf"(?<![A-Za-z0-9])(?P<value>{_POSTCODE})(?![A-Za-z0-9])"),
    (
        "ADDRESS",
        (
            r"(?P<value>\bP\.?O\.? ?Box \d{1,6}(?:, [A-Z][a-z]+(?: [A-Z][a-z]+)*)?(?:,"
            r"? [A-Z]{2} \d{5})?)"
        ),
    ),
    (
        "ADDRESS",
        (
            r"(?P<value>\b[A-Z][a-z]+(?: [A-Z][a-z]+){0,2},? (?:A[KLRZ]|C[AOT]|D[CE]|"
            r"FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|"
            r"UT|V[AT]|W[AIVY]) \d{5}(?:-\d{4})?)(?!\d)"
        ),
    ),
    (
        "ADDRESS",
        (
            # Cheap to refuse where no door follows a road.
            rf"(?=[{_H}]{{2,45}}?(?:{_CN_ROAD})[0-9A-Za-z甲乙丙一二三四五六七八九十百东西南北])"
            rf"(?P<value>(?:[{_H}]{{2,7}}?(?:省|自治区))?(?:[{_H}]{{2,"
            rf"7}}?(?:市|自治州|地区|盟))?(?:[{_H}]{{1,6}}?(?:区|"
            rf"县|旗))?(?:[{_H}]{{1,8}}?(?:街道|镇|乡|苏木|开发区|"
            rf"园区))?(?:[{_H}]{{1,8}}?(?:{_CN_ROAD})){{1,"
            rf"3}}{_CN_DOOR})"
        ),
    ),
    (
        "ADDRESS",
        (
            rf"(?:家住|现住|住在|住于|居住于|居住在|籍贯|户籍|来自|老家|住址|"
            rf"地址|寄往|寄到|送到|搬到)[:：]?(?P<value>(?:[{_H}]{{2,"
            rf"6}}?(?:省|自治区))?(?:[{_H}]{{2,6}}?(?:市|州|"
            rf"盟))?(?:[{_H}]{{1,6}}?(?:区|县|旗|镇|乡|街道|村|"
            rf"路|街|巷|小区|苑))+(?:{_CN_DOOR})?)"
        ),
    ),
    (
        "NAME",
        (
            r"(?:\b(?:(?:Patient|PATIENT|patient)(?:['’]s)? )?(?:Name|NAME|name)[ \t]*[:：]|"
            r"\b(?:Patient|PATIENT)[ \t]*:"
            rf"|(?:患者|病人|产妇|患儿)?姓名[ \t]*[:：]|(?:患者|病人)[ "
            rf"\t]*[:：])[ \t]*(?P<value>{_NAME})"
        ),
    ),
    (
        "DOCTOR",
        (
            rf"(?:\bDr\.?[ \t]+|(?:报告|审核|检查|主治|诊断|申请)?(?:医师|"
            rf"医生)[ \t]*[:：][ \t]*)(?P<value>{_NAME})"
        ),
    ),
    (
        "AGE",
        (
            r"(?<![\d.])(?P<value>(?:9\d|1[01]\d)(?:[ "
            r"\-]?(?:years?|yrs?|y\.?/?o\b)(?:[ \-](?:old|"
            r"of age))?|[ ]?周?岁(?:高龄)?))"
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
            r"nine))?(?:[- ]years?(?:[- ]old)?)?|(?i:a hundred|one hundred)(?: and \w+)? "
            r"years old)\b(?! ?(?:percent|per cent|degrees|minutes|seconds|days|%))"
        ),
    ),
    ("AGE", r"(?P<value>(?:九十[一二三四五六七八九]?|一百(?:零?[一二三四五六七八九十])?)周?岁)"),
    (
        "HOSPITAL",
        (
            r"(?P<value>\b(?:[A-Z][\w'’.\-]{1,30} |(?:of|the|and|for|at) (?=[A-Z])){0,6}[A-Z][\w'’.\-]+ "
            r"(?:Hospitals?|Infirmary|Hospice|Nursing Home|Care Home|Medical Cent(?:er|"
            r"re)|Health Cent(?:er|re)|Clinic|Surgery|Sanatorium|General)\b)"
        ),
    ),
    (
        "HOSPITAL",
        (
            rf"(?:(?<=[在于由至往到从向转赴经])|(?<![{_H}])|(?<=同意)|"
            rf"(?<=就诊于))(?P<value>(?:(?![的了是就去看做吃说我他她你您几哪今天前最近有没能用给让并个较好这那些么吗呢吧很都也还再又才要想问请治疗检查住送带各全外本该某多当家大小])[{_H}]){{2,16}}?(?:医院|"
            rf"卫生院|保健院|诊所|疗养院|养老院|敬老院|福利院|卫生服务中心))(?!感染|"
            rf"获得|内|就诊)"
        ),
    ),
    (
        "DATE",
        r"(?<![\d.\-/])(?P<value>(?:19|20)\d\d[-/.年][ ]?\d{1,2}[-/.月][ ]?\d{1,2}日?)(?![\d\-/])",
    ),
    ("DATE", r"(?<![\d.\-/])(?P<value>\d{1,2}[-/.]\d{1,2}[-/.](?:(?:19|20)\d\d))(?![\d\-/])"),
    ("DATE", r"(?<![\d.\-/])(?P<value>\d{1,2}/\d{1,2}/\d\d)(?![\d\-/])"),
    (
        "DATE",
        (
            rf"\b(?P<value>(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,"
            rf"? )?(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ \-](?:{_MONTHS})\b\.?(?:,"
            rf"?[ \-](?:19|20)\d\d|[ \-]'?\d\d\b)?)(?![\d])"
        ),
    ),
    (
        "DATE",
        (
            rf"\b(?P<value>(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,"
            rf"? )?(?:{_MONTHS})\.? \d{{1,2}}(?:st|nd|rd|th)?\b(?:,? (?:19|20)\d\d)?)(?!\d|"
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
            r"[12]\d|3[01]))(?![\d/])"
        ),
    ),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
# Words before a place that its pattern takes in; a district may hold such a character (`于洪区`).
_LEAD_IN = re.compile(
    rf"^[^省市县]{{0,12}}(?:家住|住址|地址|寄往|送至|住|在|于|"
    rf"往|至|到|由|从|叫)(?=[{_H}]{{3,}})"
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
                yield Found(start, start + len(trimmed), kind, sure=True)
