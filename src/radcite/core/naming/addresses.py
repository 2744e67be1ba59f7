"""Where people live and where they are treated, in whole or in part."""

from radcite.core.naming.forms import HAN, Patterns

__all__ = ["ADDRESSES"]

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

_SURE_STREET = (
    "(?:Street|Road|Avenue|Lane|Close|Crescent|Terrace|Grove|Gardens|Mews|Cottages?|Farm|Boulevard|"
    "Rd|Ave|Blvd|Quay|Esplanade|Parade|Rise)"
)
_CAPITALS = r"(?:St\.? )?[A-Z][\w'’\-]+(?:(?: (?:on|upon|le|of|the|in|by))* [A-Z][\w'’\-]+){0,3}"


ADDRESSES: Patterns = (
    (
        "ADDRESS",
        rf"\b(?i:address|addr)(?: is| now)?[:,]? (?P<value>\d{{1,4}}[A-Za-z]? {_CAPITALS}(?:, {_CAPITALS})*)",
    ),
    (
        "ADDRESS",
        rf"\b(?P<value>Blk \d{{1,4}}[A-Z]? {_CAPITALS}(?: \d{{1,3}})?(?: #[\d-]+)?)",
    ),
    (
        "HOSPITAL",
        r"\b(?:at|to|from|in|via|by|the) (?P<value>(?:[A-Z][\w'’\-]+ ){2,3}(?:Centre|Center|Unit))\b",
    ),
    (
        "ADDRESS",
        rf"(?<![{HAN}])(?P<value>[{HAN}]{{2,4}}?[市县区州旗镇乡村])(?=农民|牧民|居民|村民|人氏|籍|户口)",
    ),
    (
        "ADDRESS",
        (
            r"(?:(?i:\b(?:home |postal |mailing )?address)|"
            r"家庭住址|现住址|户籍地址|户籍地|住址|地址)[ \t]*[:：][ \t]*(?P<value>(?:"
            r"(?![，,、 ][ ]?(?:联系|电话|手机|邮编|紧急|身份证|性别|姓名))[^\n;；。\[]){2,120})"
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
            rf"(?=[{HAN}]{{2,45}}?(?:{_CN_ROAD})[0-9A-Za-z甲乙丙一二三四五六七八九十百东西南北])"
            rf"(?P<value>(?:[{HAN}]{{2,7}}?(?:省|自治区))?(?:[{HAN}]{{2,"
            rf"7}}?(?:市|自治州|地区|盟))?(?:[{HAN}]{{1,6}}?(?:区|"
            rf"县|旗))?(?:[{HAN}]{{1,8}}?(?:街道|镇|乡|苏木|开发区|"
            rf"园区))?(?:[{HAN}]{{1,8}}?(?:{_CN_ROAD})){{1,"
            rf"3}}{_CN_DOOR})"
        ),
    ),
    (
        "ADDRESS",
        (
            rf"(?:家住|现住|住在|住于|居住于|居住在|籍贯|户籍|来自|老家|住址|"
            rf"地址|寄往|寄到|送到|搬到)[:：]?(?P<value>(?:[{HAN}]{{2,"
            rf"6}}?(?:省|自治区))?(?:[{HAN}]{{2,6}}?(?:市|州|"
            rf"盟))?(?:[{HAN}]{{1,6}}?(?:区|县|旗|镇|乡|街道|村|"
            rf"路|街|巷|小区|苑))+(?:{_CN_DOOR})?)"
        ),
    ),
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
            rf"(?:(?<=[在于由至往到从向转赴经接自])|(?<![{HAN}])|(?<=同意)|"
            rf"(?<=就诊于))(?P<value>(?:(?![的了是就去看做吃说我他她你您几哪今天前最近有没能用给让并个较好这那些么吗呢吧很都也还再又才要想问请治疗检查住送带各全外本该某多当家大小])[{HAN}]){{2,16}}?(?:医院|"
            rf"卫生院|保健院|诊所|疗养院|养老院|敬老院|福利院|卫生服务中心))(?!感染|"
            rf"获得|内|就诊)"
        ),
    ),
    (
        "ADDRESS",
        (
            r"(?P<value>\b(?:Flat|Apt\.?|Apartment|Unit|Suite|Block|Plot|Room) \w{1,5},? (?:[A-Z][\w'’\-]+ ){0,3}"
            rf"(?:{_SURE_STREET}|House|Court|Tower|Towers|Point|Heights|Mansions|Lodge|Place|Way)\b"
            rf"(?:, {_CAPITALS}){{0,2}}(?:,? {_POSTCODE})?)"
        ),
    ),
    (
        "ADDRESS",
        (
            rf"(?P<value>\b(?:[A-Z][\w'’\-]+ (?:Cottage|Farm|House|Lodge|Forge|Barn|Rectory|Croft), )?"
            rf"(?:[A-Z][\w'’\-]+ ){{1,3}}{_SURE_STREET}\b(?:, {_CAPITALS}){{0,2}}(?:,? {_POSTCODE})?)"
            r"(?! (?:[A-Z]\w+ ){0,3}(?:Clinic|Hospital|Surgery|Practice|Centre|Center|Infirmary|Pharmacy))"
        ),
    ),
    (
        "ADDRESS",
        (
            r"(?P<value>(?<![\d.])\b\d{1,4}[A-Za-z]? (?:[A-Z][\w'’\-]+ ){1,3}(?:View|Hill|Bank|Green|Park|Vale|"
            rf"Villas|Wharf|Buildings|Estate|Cottages|Fold|Brow|Wynd|Side|End|Meadow|Field|Fields)\b(?:, {_CAPITALS})*)"
        ),
    ),
    (
        "ADDRESS",
        (
            r"\b(?i:lives?|living|resid(?:es?|ing)|resident|stay(?:s|ing)|staying|home|house|farm|bungalow|flat|"
            r"cottage|moved|retired)(?: (?:alone|now|independently|currently|with (?:his|her) \w+))? "
            rf"(?:in|at|on|near|to|from) (?P<value>(?:the )?(?:The )?{_CAPITALS}(?:, {_CAPITALS}){{0,2}}"
            r"(?: (?:nursing|care|residential) home)?)"
        ),
    ),
    (
        "ADDRESS",
        (
            r"\b(?i:man|woman|lady|gentleman|girl|boy|farmer|miner|teacher|worker|driver|builder|fisherman|"
            r"widow(?:er)?|student|refugee|came|comes|flew in|originally|travelled|arrived|native|hails|visiting|"
            rf"visitor) (?:from|of) (?P<value>{_CAPITALS}(?:, {_CAPITALS}){{0,2}})"
        ),
    ),
    (
        "HOSPITAL",
        (
            r"(?P<value>\b(?:[A-Z][\w'’.\-]+ ){1,4}(?:hospital|infirmary|hospice|nursing home|care home|"
            r"residential home|Residential Home|Medical Practice|Practice|Medical Group|Health Practice|"
            r"Polyclinic|Treatment Centre|Cancer Centre|Heart Centre|Cancer Center|Heart Center|Institute|"
            r"Memorial|Imaging|Diagnostics|Health Board|Laborator(?:y|ies)|Maternity|Rehabilitation Cent(?:re|er)|"
            r"Wellness Centre|Eye Centre|Dental Centre|Imaging Cent(?:re|er))\b)"
        ),
    ),
    (
        "HOSPITAL",
        (
            r"\b(?i:at|to|from|in|via|by|under|of|the) (?P<value>(?:Royal|Queen|King|Princess|Prince|Saint|"
            r"St\.?|Our Lady|Mount|Holy|Sacred|Lady) [A-Z][\w’'\-]+(?: [A-Z][\w’'\-]+)?|(?:Queen|King)['’]s)"
            rf"(?! (?:{_STREET})\b)"
        ),
    ),
    (
        "HOSPITAL",
        (
            rf"(?:(?<=[在于由至往到从向转赴经自])|(?<![{HAN}]))(?P<value>(?:(?![的了是就去看做本该某及和与])[{HAN}]){{2,14}}?"
            r"(?:医学中心|卫生室|妇幼保健[院所站]|妇保院|妇幼|门诊部|护理院|体检中心|康复中心|影像中心|医疗中心|疾控中心|分院))"
        ),
    ),
    (
        "HOSPITAL",
        (
            rf"(?<=[在于由至往到从向转赴经自])(?P<value>(?:(?![的了是就去看做本该某及和与入出住])[{HAN}]){{1,4}}?"
            r"(?:[一二三四五六七八九]院|附[一二三四]|妇幼|中医院))(?!内|长)"
        ),
    ),
    (
        "ADDRESS",
        rf"(?<![{HAN}])(?P<value>[{HAN}]{{2,4}}?[市县区州旗]|[{HAN}]{{2,3}}?省[{HAN}]{{2,3}}[市县])人(?![民员群口工体类为])",
    ),
    (
        "ADDRESS",
        (
            rf"(?:家住|住在|现住|暂住|租住|借住|居住在?|来自|家在|老家|搬到|搬至|回到|从|户籍|籍贯|系|(?<![院入出])住)[:：]?"
            rf"(?P<value>(?:(?![的了后院科病就，])[{HAN}]){{2,12}}?(?:村|小区|社区|镇|乡|县|新村|家园|花园|公寓|巷|胡同|弄|"
            rf"大院|宿舍|路|街|苑|庄|屯|寨|坝|湾|岛|里)(?:{_CN_DOOR})?)"
        ),
    ),
    (
        "ADDRESS",
        rf"(?:来自|老家在?|从|籍贯)[:：]?(?P<value>(?:(?![的了后院科病就这那我你他])[{HAN}]){{2,4}}?)(?=赶来|过来|来的|来京|来沪|打工|出差|，|。|人)",
    ),
    (
        "ADDRESS",
        r"(?<![\d.])(?P<value>\d{1,3}(?:栋|幢|号楼)(?:\d{1,2}单元)?(?:\d{2,4}(?:室|号)?)?)",
    ),
    ("ADDRESS", rf"(?<![{HAN}])(?P<value>[{HAN}]{{2,6}}(?:路|街|巷|弄|大道|村|胡同)\d{{1,5}}号?)"),
)
