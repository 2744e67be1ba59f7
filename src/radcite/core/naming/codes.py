"""Numbers of people, records, specimens and devices."""

from radcite.core.naming.forms import IS, Patterns

__all__ = ["CODES"]

_CODE = r"(?=[A-Za-z\-/]*\d)[A-Za-z0-9][A-Za-z0-9\-/]{2,}"

# Two signs are a lead, a block or a version: `V1`, `A2`.
_LARGE_CODE = r"(?=[A-Z\d\-/]*\d)(?=[A-Z\d\-/]{3})[A-Z\d]+(?:[\-/][A-Z\d]+)*"
# What a code may belong to, where its own letters and figures do not tell.
_THINGS = (
    "lot|ref(?:erence)?|our ref|your ref|batch|sample|specimen|lab|device|implant|claim|group|tracking|"
    "barcode|requisition|request|req|form|ticket|urn?|uhid|pid|nin|registration|reg|episode|admission|"
    "referral|order|exam|study|series|block|slides?|cassette|path(?:ology)?|cytology|histology|case|file|"
    "folder|employee|staff|badge|gmc|nmc|hcpc|npi|dea|kit|bag|donor|donation|unit|card|imei|serial|"
    "s/n|sn|csn|fin|nhi|mbi|pps|id|policy|passport|account|acct|plate|licen[cs]e|visit|pacemaker|pump|"
    "generator|stent|model|booking|appointment|invoice|certificate|visa|permit"
)


CODES: Patterns = (
    (
        "RECORD",
        (
            r"\b(?i:mrn|hosp(?:ital)?|nhs|record|patient|chi|account|policy|passport)(?: (?i:no|number|id|nr)\b\.?)?"
            r"[ \t:#.]*(?P<value>\d{2,4}(?:[ ]\d{2,4}){1,4})(?![\d/]|\.\d| ?(?:mg|ml|mm|cm|kg|%))"
        ),
    ),
    ("ID", r"(?<![0-9A-Za-z])(?P<value>\d{17}[\dXx])(?![0-9A-Za-z])"),
    ("ID", r"(?<![\d\-])(?P<value>\d{3}-\d{2}-\d{4})(?![\d\-])"),
    ("ID", r"(?<![\d\-])(?P<value>\d{3} \d{3} \d{4})(?![\d\-])"),
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
            rf"{IS}(?P<value>{_CODE})"
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
        "CODE",
        (
            r"(?<![\d.\-/A-Za-z])(?P<value>\d{8,17})(?![\d\-/%]|\.\d|[ ]?(?:copies|IU|cells|"
            r"/|[a-zA-Zμµ]{1,3}/))"
        ),
    ),
    (
        "RECORD",
        rf"(?i:\bNHS|\bMedicare|\bCHI){IS}(?P<value>\d{{3}}[ \-]?\d{{3}}[ \-]?\d{{4}})(?!\d)",
    ),
    (
        "RECORD",
        (
            rf"\b(?i:{_THINGS})(?:[ ](?i:no|number|num|nr|id|ref|code|label(?:l?ed)?)\b\.?)?"
            rf"[ \t:：#=.(]+(?P<value>{_LARGE_CODE})(?![a-z])"
        ),
    ),
    (
        "RECORD",
        (
            r"\b(?i:ward|bed|bay|room|theatre)[ \-]?(?P<value>(?:[A-Z]{1,2}\d{1,3}|\d{1,2}[A-Z])"
            r"(?:-\d{1,3})?)(?![\w-])"
        ),
    ),
    ("MIXED", rf"(?<![A-Za-z0-9\-/.*])(?P<value>{_LARGE_CODE})(?![A-Za-z0-9*]|[\-/.]\d)"),
    (
        "CODE",
        r"(?<![\w.\-/+])(?P<value>\d{2,8}(?:-\d{1,8}){1,4})(?![\w\-/]|\.\d)",
    ),
    (
        "RECORD",
        (
            rf"(?:(?:编|序列|批|卡|片|单|例|检|证|案|条码|样本|标本|登记|流水|保单|号|账|工|学|警)号码?|条码|"
            rf"号码|ID|批次|样本|标本|医保|社保|护照|保单|病案|门诊|工牌)(?:卡|号|编号|证){{0,2}}[:：为是 ]*"
            rf"(?P<value>{_CODE}|\d{{2}} \d{{5,8}})"
        ),
    ),
    # Of a national number that is mistyped too, in a record.
    ("CODE", r"(?<![0-9A-Za-z])(?P<value>\d{6}(?:19|20)\d{9}[\dXx])(?![0-9A-Za-z])"),
)
