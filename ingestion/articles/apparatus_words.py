"""The words by which a journal's statements and furniture are known, in English and Chinese."""

import re
from collections.abc import Mapping

from radcite.core.sources import StatementKind

__all__ = [
    "AFFILIATED",
    "CATEGORY",
    "CONTAINER",
    "FURNITURE",
    "FURNITURE_HEADING",
    "HEADINGS",
    "LABELS",
    "SAID_UNDER",
    "STATED",
    "SUBJECTS",
    "VERBS",
]


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_TITLES: Mapping[StatementKind, str] = {
    "acknowledgement": r"acknowledge?ments?(?: and .{1,40})?|致谢|志谢|鸣谢",
    "contributions": (
        r"(?:author(?:s?'?s?|ship)|individual author'?s?'?) contributions?(?: statement)?"
        r"|contributions? of (?:the )?authors?|contributors?(?:hip)?(?: statement)?"
        r"|credit author(?:ship)?(?: contributions?)? statement|作者贡献(?:声明|说明)?|贡献声明"
    ),
    "interests": (
        r"(?:(?:declarations?|statements?|disclosures?) (?:of|on) )?(?:potential )?"
        r"(?:conflicts? of (?:financial )?interests?|competing (?:financial )?interests?)"
        r"(?: statements?| disclosures?| declarations?)?|declarations? of interests?"
        r"|(?:authors?'? )?disclosures?(?: statements?)?|(?:所有作者|作者)?(?:无)?利益冲突(?:声明|说明)?"
    ),
    "funding": (
        r"funding(?: information| statements?| sources?| support| and support| acknowledge?ments?)?"
        r"|financial (?:support|disclosures?)(?: and sponsorship)?|sources? of (?:funding|support)"
        r"|(?:grant|research) support|role of (?:the )?(?:funding (?:source|body)|funders?|sponsors?)"
        r"|基金项目|(?:项目|基金)资助|资助(?:项目|声明|来源)"
    ),
    "ethics": (
        r"(?:research )?ethic(?:s|al) (?:approvals?|statements?|review|declarations?|clearance|permission|standards"
        r"|considerations?|committee approval)(?: and (?:trial registration|(?:informed )?consents?.{0,40}))?"
        r"|ethics(?: and (?:dissemination|consents?.{0,40}))?|institutional review board(?: statement| approval)?"
        r"|irb (?:approval|statement)"
        r"|(?:statement (?:of|on) )?(?:human|animal)(?: and (?:human|animal))? rights(?: and informed consent)?"
        r"|(?:statement of )?(?:informed |patient |written )?consents?(?: statement)?"
        r"(?: to participate| for publication| to publish)?"
        r"|(?:医学)?伦理(?:审查|声明|批准|审批|学声明)?|知情同意(?:书|声明)?"
    ),
    "data": (
        r"(?:data|code|materials?)(?:,? (?:and )?(?:data|code|materials?))* "
        r"(?:availability|sharing|access(?:ibility)?)(?: statements?)?"
        r"|availability (?:of (?:supporting )?(?:data|code|materials?)(?:,? (?:and )?(?:data|code|materials?))*"
        r"|statement)"
        r"|数据(?:可用性|共享|获取)(?:声明)?"
    ),
}
HEADINGS: Mapping[StatementKind, re.Pattern[str]] = {k: _any(v) for k, v in _TITLES.items()}
"""A statement's heading, in full, without its number and its colon."""
LABELS: Mapping[StatementKind, re.Pattern[str]] = {
    # Without a colon a label is told by the capital of the sentence after it.
    kind: re.compile(
        rf"[【\[]?(?i:{title})(?:[】\]]|[ \t]*[.:：][ \t]*|[ \t\n]+(?=[A-Z(])|(?<=[一-鿿])\s+|(?<=贡献声明))"
    )
    for kind, title in _TITLES.items()
}
"""A statement's heading that opens its paragraph."""
SAID_UNDER: Mapping[StatementKind, re.Pattern[str]] = {
    "acknowledgement": _any(
        r"thank|grateful|gratitude|acknowledg|indebted|appreciat|support|assist|help|not applicable|none",
        r"感谢|谢意|帮助|支持",
    ),
    "contributions": _any(
        r"\b(?:contribut|concept|conceiv|design|draft|wrote|writ|revis|review|manuscript|supervis|curation|collect"
        r"|acqui|investigat|methodology|analy[sz]|visuali[sz]|administration|resources|software|validation|guarantor"
        r"|approved|responsib|perform|equally)",
        r"论文|撰写|审校|审阅|设计|收集|分析|指导|实施",
    ),
    "interests": _any(
        r"conflict|compet|disclos|declar|interest|\bnone\b|\bno(?:thing)?\b|\bfees?\b|honorari|consult|employ"
        r"|advis|shareholder|stock|grants?\b|patent|not applicable|support",
        r"冲突|声明|无",
    ),
    "funding": _any(
        r"fund|support|grant|sponsor|financ|award|\bnone\b|not applicable|\bno\b|foundation|scheme|programme",
        r"资助|基金|支持|编号|项目|课题",
    ),
    "ethics": _any(
        r"approv|consent|ethic|committee|\bboard\b|helsinki|not (?:applicable|required)|waive|\birb\b|guideline"
        r"|regulation|regist|dissemina|publi(?:sh|c)|animal",
        r"伦理|同意|批准|赫尔辛基",
    ),
    "data": _any(
        r"availab|data|request|repositor|supplement|not applicable|access|shared?\b|https?:|doi",
        r"数据|获取|索取",
    ),
}
"""What each sentence of a statement speaks of."""
_THIS = (
    r"(?:this|our|the (?:present|current|\w+ )?|all )\s*(?:\w+[ -]){0,4}?"
    r"(?:study|studies|work|research|project|trial|protocol|article|paper|manuscript|review|experiments?|procedures)\b"
)
STATED: Mapping[StatementKind, re.Pattern[str]] = {
    "acknowledgement": _any(
        r"(?:we|the authors?|i)\b.{0,40}\b(?:thank|acknowledge|(?:are|is|am) (?:\w+ )?(?:grateful|indebted))\b",
        r"(?:作者|我们|衷心|谨此?)*感谢",
    ),
    "contributions": _any(
        r"(?:conceptuali[sz]ation|data curation|formal analysis|funding acquisition|investigation|methodology|resources"
        r"|project administration|software|supervision|validation|visuali[sz]ation|writing\b[^.:]{0,40}):",
        r"all (?:the |of the )?authors (?:have |has )?(?:contributed|read and approved|approved)\b",
        r"(?-i:(?:(?:[A-Z]\.? ?){2,4},? (?:and )?)+(?:conceived|designed|contributed|wrote|performed|collected)\b)",
    ),
    "interests": _any(
        r"(?:all |both |the |none of the |each )*authors?\b.{0,80}"
        r"\b(?:declare|report|state|disclose|have|has|confirm|certif)\w*\b.{0,90}(?:conflict|compet|disclos|interests?\b)",
        r"(?:there (?:are|is|were) )?no (?:potential |relevant )?(?:conflicts? of|competing) interests?",
        r"(?:所有|全体|本文)?作者(?:们)?(?:均)?(?:声明|无|不存在).{0,24}(?:利益冲突|无冲突)",
        r"(?:本研究|本文)?(?:无|不存在)(?:任何)?利益冲突",
    ),
    "funding": _any(
        rf"{_THIS}.{{0,40}}\b(?:(?:was|were|is|are|has been) (?:\w+ ){{0,3}}(?:supported|funded|financed|sponsored)"
        r"|received (?:no )?(?:\w+ ){0,3}(?:funding|grants?|support))",
        r"本(?:研究|文|课题|项目).{0,20}(?:资助|基金)",
    ),
    "ethics": _any(
        rf"{_THIS}.{{0,120}}\bapproved by\b.{{0,160}}(?:committee|board|\birb\b|authorit|ministry)",
        rf"{_THIS}.{{0,60}}\b(?:conducted|performed|carried out)\b.{{0,40}}\baccord.{{0,60}}helsinki",
        r"(?:ethic(?:s|al)|institutional review board|irb) approval (?:was|has been|were|is) (?:not )?(?:\w+ )?"
        r"(?:obtained|granted|given|waived|required|received)",
        r"(?:written |oral |signed |verbal |and )*(?:informed )?consent (?:was|has been|will be|were) (?:\w+ )?"
        r"(?:obtained|waived|given|provided)",
        r"not (?:applicable|required)\.?$",
        r"(?:本研究|本试验|研究方案).{0,40}(?:伦理|批准)",
        r"(?:所有)?(?:患者|受试者|家属).{0,24}知情同意",
    ),
    "data": _any(
        r"(?:the |all |any )*(?:\w+ ){0,3}(?:datasets?|data|code)\b.{0,160}"
        r"\b(?:available|accessible|obtained|shared|found|included)\b.{0,120}(?:request|repositor|corresponding author"
        r"|within the|in (?:this|the) (?:published |present )?(?:article|paper|manuscript)"
        r"|supplement|https?:|figshare|zenodo|dryad|github|osf\.io)",
        r"(?:数据|资料).{0,40}(?:通[信讯]作者|索取|获取)",
    ),
}
"""The sentence with which a statement without a heading begins."""
SUBJECTS: Mapping[StatementKind, re.Pattern[str]] = {
    "acknowledgement": _any(r"acknowledg|致谢"),
    "contributions": _any(r"author(?:ship)?\b|署名"),
    "interests": _any(r"interests?\b|disclosure|利益"),
    "funding": _any(r"fund|financ|grants?\b|sponsor|基金|资助"),
    "ethics": _any(r"ethic|consent|bioethic|伦理|知情同意"),
    "data": _any(r"data (?:shar|availab|access)|open (?:data|science)|数据共享"),
}
"""Titles of works whose subject is what others state in passing."""
CONTAINER = _any(
    r"declarations?|statements and declarations|compliance with ethical standards|声明"
)
FURNITURE_HEADING = _any(
    r"publisher'?s'? note|authors?'? (?:details|information|affiliations?)|affiliations?|orcid(?: ids?)?"
    r"|correspondence(?: to)?|provenance and peer review|rights and permissions"
    r"|how to cite.{0,30}|cite this article.{0,20}"
    r"|supplementary (?:information|materials?|data|files?)|supporting information|additional (?:information|files?)"
    r"|reprints.{0,30}|article (?:history|info(?:rmation)?)|peer review history|copyright|licen[cs]e|open access"
    r"|作者简介|作者单位|通[信讯]作者|收稿日期|引用格式|本文引用格式|参考文献著录格式"
)
CATEGORY = _any(
    r"(?:open access|research(?: article| paper)?|original (?:article|research|paper|investigation)|review(?: article)?"
    r"|systematic review|study protocol|case reports?|short (?:report|communication)|brief (?:report|communication)"
    r"|technical note|clinical trial|protocol|check for updates|peer[- ]reviewed|author manuscript|accepted manuscript"
    r"|full list of author information is available at the end of the article"
    r"|for numbered affiliations see end of article"
    r"|论著|综述|病例报告|临床研究|指南|专家共识|[\s|,:·•]+)+\.?"
)
"""A block that only says what kind of article it is."""
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
_DATED = r"(?:received|submitted|accepted|revised|published|first published|editorial decision|available online)"
FURNITURE: tuple[re.Pattern[str], ...] = (
    _any(
        r"\W*(?:copyright\b[:\s]*)?(?:©|\(c\))\s*(?:copyright\s*)?(?:the |author|\d{4}|by )",
        r"copyright\s*[:©\d]|版权所有|©",
        r"(?:.{0,60}\b)?(?:this|the) (?:is an open|article|work|paper|content|images? or other third party)\b.{0,160}"
        r"creative\s?commons",
        r"if material is not included in the article.s creative commons",
        r"to view a copy of this licen[cs]e",
        r"open access\b.{0,40}\bthis (?:is an )?(?:open[- ]access )?article\b",
        r"this is an open[- ]access article",
        r".{0,80}springer nature remains neutral",
        r"all rights reserved|no commercial re-?use|re-?use permitted under",
    ),
    _any(
        r"\W*(?:for )?(?:(?:reprints? and )?(?:all )?"
        r"correspond(?:ence(?: to\b(?! the)| should\b| address|\s*[:：])|ing authors?\b)"
        r"|address (?:for )?(?:correspondence|reprints?)|reprint requests?)\b",
        r"\W*(?:e-?mail|tel|fax|phone|邮箱|电话)(?:s|ephone)?\s*[:：.]",
        r"[【\[]?(?:通[信讯]作者|作者单位|作者简介|第一作者|基金项目|收稿日期|修回日期|接受日期|网络出版|中图分类号|文献标识码"
        r"|文章编号|引用格式|本文引用格式|引用本文|本文编辑|责任编辑|编辑|审校|DOI)[】\]]?\s*[:：】\]]",
    ),
    _any(
        rf"(?:article history\W*|manuscript )?{_DATED}\b[:\s]*(?:online[:\s]*|on |date[:\s]*)?(?:\d{{1,4}}|{_MONTHS})",
        r"(?:how to )?cite (?:this article|as)\b|citation\s*:|(?:to cite|please cite)\b|cite this",
        r"(?:academic |handling |section |associate |guest )?editors?\s*:|(?:edited|reviewed) (?:and reviewed )?by\s*:",
        r"specialty section\b|this article was submitted to|peer review history\s*:|provenance and peer review\b",
        r"downloaded (?:from|by|on)\b|contents lists? available|journal homepage|view publication stats"
        r"|check for updates|publisher.s note\b|orcid(?: ids?)?\b|twitter\b.{0,20}@",
        r"(?:\W|doi\s*:?\s*)*(?:https?://|www\.)\S+\W*$|\W*doi\s*:?\s*(?:https?://doi\.org/)?10\.\d{4,9}/\S+\W*$",
        r"this article has been (?:peer[- ]reviewed|accepted for publication)|not certified by peer review",
        r"(?:ready to submit your research|submit your (?:manuscript|next)|learn more biomedcentral|at bmc, research"
        r"|choose bmc and benefit|gold open access which fosters|maximum visibility for your research"
        r"|thorough peer review by experienced|fast, convenient online submission|rapid publication on acceptance"
        r"|support for research data)",
        r"(?:supplementary (?:information|materials?)[.:]? )?"
        r"the online version (?:of this article )?contains supplement",
        r".{0,24}(?:杂志|学报|医学|月刊).{0,16}\d{4}\s*年.{0,24}[卷期].{0,24}$",
        r"[A-Z][\w .&-]{2,60} ?\(?(?:19|20)\d\d\)?[;,:\s]*\d{1,4}(?:\s?\(\d+\))?\s?[:;]\s?[\w–-]{1,12}\W*$",
    ),
)
"""How a block of furniture begins: licence; correspondence; dates, citing, editors, addresses."""
AFFILIATED = _any(
    r"\b(?:departments?|division|institute|institution|school|faculty|cent(?:er|re)|college|hospital|university|laborator(?:y|ies)"
    r"|unit|clinic|academy|foundation|inc|gmbh|ltd)\b",
    r"大学|医院|研究所|学院|中心|实验室|科室?\b",
)
VERBS = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|can|may|should|shows?|showed|suggests?|found|we|our|not|than|which)\b"
    r"|的|了|为|与.*相比",
    re.IGNORECASE,
)
