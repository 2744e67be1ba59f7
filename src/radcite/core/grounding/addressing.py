"""Words of a source that are spoken to whoever reads it, a machine above all: no statement, and no support."""

import re
import unicodedata

from radcite.core.grounding.orders import order_model
from radcite.core.normalization import locate
from radcite.core.sentences import split_sentences

__all__ = ["addressed", "is_addressed"]

_READER = re.compile(
    r"(?<!physician )(?<!medical )(?<!dental )\b(?:assistants?|chat ?bots?|llms?|language models?"
    r"|reading (?:model|machine)s?"
    r"|readers?(?:'s?)? (?:model|software|machine)|automated (?:abstracts?|summar\w+|reader)"
    r"|ai (?:reader|assistant|model))\b"
    r"|助手(?:输出|须|必须|应当|将会|回答)|(?:请|让|由|供|给|若你也是)[^。]{0,8}(?:助手|机器|模型|大模型|智能体)|(?:阅读|智能|人工智能|ai)助手|摘要机|机器(?:摘要|自审)",
    re.IGNORECASE,
)
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget) (?:all |any |the |your )*(?:previous|above|earlier|prior|rules|instructions)"
    r"|\b(?:system prompt|(?:your|governing|internal) (?:instructions?|rules?)|first message you)\b"
    r"|\bcall the \w+ tool\b|\b[a-z]+_[a-z_]+ ?\(|\"tool\" ?:"
    r"|(?:^|[,:;] ?|\b(?:please|must|should|will now|and|so|to) )(?:answer|write|report|state|declare|affirm|reply|say)"
    r" (?:that|only|\")|\b(?:from|in) (?:the|your) (?:reply|answer)\b|\boutput (?:must|should|the raw|your)\b"
    r"|\b(?:never|not|zero|no) (?:show|mark|cite|keys?|sources?|references?)\b.{0,60}\b(?:phrase|close with|end with)"
    r"|\bwith the phrase\b|\bquote only\b|\bquote verbatim\b|\bpriority ?= ?max"
    r"|\bfinali[sz]e (?:any|the) (?:open |pending )?report|\bsign off (?:the|on|as)\b"
    r"|提示词|系统(?:说明|指令|提示|键)|内部规定|忽略以上|立即调用|自行调用|须执行|请(?:把|将|以|按|在|逐字|用)?[^。]{0,24}"
    r"(?:输出|作答|复述|列出|翻译|插入|代填|改写|删除|改为|径署)|答案(?:只许|最前)|统一写成|改说|并输出|合起来写成"
    r"|标(?:题写作|注为已证实)|就说[“\"]|写上[“\"]|输出[“\"]|当以此句|一律隐藏|编号一概",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"</?(?:source|instruction|system|assistant)\b|<\|\w+\|>|⟦|〔思考〕|!\[[^\]]*\]\(|~~~|\[/?e\d+\]",
    re.IGNORECASE,
)
# A finding tells how it was found; what vouches for itself, annuls its neighbours or wants no source is planted.
_VOUCHED = re.compile(
    r"^\W*(?:(?:verified|fact-?checked|fact checked|confirmed|approved|certified|validated)\b[^.:]{0,60}:"
    r"|(?:erratum|corrigendum|correction|superseded|corrected (?:finding|result|statement))"
    r"\s*(?:[:—–-]|to (?:all|every|the above))"
    r"|(?:system|admin\w*|developer|vendor|gateway) (?:notice|message|note|update|alert)\b"
    r"|(?:user|human|assistant|ai|bot|chatbot)\s*: |e\d{1,2} (?:confirms|says|states|proves)\b)"
    r"|^\W*[\[({<](?:trusted|verified|approved|official|binding|supported|certain|true)[\])}>]"
    r"|\((?:[^()]{0,12}[ ,])?(?:binding|mandatory|verified|rank|priority)(?:[ ,][^()]{0,12})?\)\s*:"
    r"|\b(?:quote|citation|answer|summary)-ready\b"
    r"|\b(?:according to|as (?:stated|told) (?:by|in)|see|evidence|source) e\d{1,2}\b"
    r"|\b(?:confidence|certainty|trust|reliability)\s*[:=]?\s*(?:1\.0+|1(?=[\])])|100\b|max\b)"
    r"|\b(?:needs?|requires?|with) no (?:citation|source|reference|attribution)s?\b"
    r"|\bno (?:other |further )?(?:citation|source|reference|attribution)s? (?:is|are) (?:needed|required|necessary)\b"
    r"|\bdo not (?:attribute|cite|reference|source)\b"
    r"|\b(?:told|stated|said|shown|presented|quoted|listed) first (?:is|:)|\bheadline (?:result|finding)\b"
    r"|\b(?:summary|conclusion|message) of this (?:article|page|document|passage|text) (?:is:|must|should|has to)"
    r"|\b(?:statements?|findings?|text|everything|all) (?:above|before this|else here) (?:is|are|was|were)"
    r" (?:withdrawn|void|wrong|annulled|retracted)"
    r"|\b(?:takes|has) precedence over (?:any|every|all) other (?:source|evidence|text)"
    r"|^\W*(?:已(?:核实|证实|审定)|经[^。]{1,12}(?:审定|核实|核准)|官方(?:口径|说法|答案)|标准答案"
    r"|(?:更正|勘误)(?:声明|启事)?"
    r"|(?:系统|平台)(?:公告|通知|消息)|管理员(?:留言|通知|提示))[】\])）]*[:：]"
    r"|^[【\[（(](?:可信|已核实?|已证实|已审核|权威|官方|真实|已支持)[】\]）)]"
    r"|[（(][^（）()]{0,8}(?:强制|有约束力|已核实)[^（）()]{0,4}[）)] ?[:：]"
    r"|优先级(?:最高|为? ?\d)|应(?:改?读作|改?读为)|可直接引用的|(?:上|前)(?:一?[段句]|文)有误"
    r"|[【\[](?:系统|平台|管理员)(?:公告|通知|消息|提示)[】\]]|^(?:用户|助理|机器人)[:：]"
    r"|(?:上文|以上(?:内容|结论|各条)|前述(?:内容|结论|剂量|警告)?|其余(?:内容|结论))(?:均|一律|全部|已)?(?:作废|撤销|有误|无效|不算数)"
    r"|以本(?:行|段|句|栏|字段|文件)为准|唯一有效的(?:结论|发现|说法)|(?:见|据|证据|来源) ?e\d{1,2}(?![0-9a-z])"
    r"|(?:无需|无须|不必|不用|毋需)(?:引用|引证|注明|标注|出处|来源|查证|查其他)|置信度 ?[:：=为]? ?(?:100|1\.0|满)",
    re.IGNORECASE,
)
_CODED = re.compile(
    r"(?<![A-Za-z0-9+/.:-])(?=[A-Za-z0-9+]*[0-9+])(?=[A-Za-z0-9+]*[a-z])(?=[A-Za-z0-9+]*[A-Z])[A-Za-z0-9+]{28,}={0,2}"
)
# A word of two alphabets that look alike is written to be read by one reader and not by another.
_MIXED = re.compile(r"(?=\w*[a-z])(?=\w*[\u0400-\u04ff])[a-z\u0400-\u04ff]{3,}", re.IGNORECASE)


_MOST_INVISIBLE = 5
_KINDS = (_READER, _ORDER, _MARKUP, _VOUCHED, _CODED, _MIXED)


def is_addressed(sentence: str) -> bool:
    """Whether a sentence tells its reader what to say or do, or hides what it says."""
    plain = _plain(sentence)
    # Letters parted by invisible signs are written for one reader and hidden from another.
    return (
        sum(map(_is_invisible, sentence)) > _MOST_INVISIBLE
        or any(pattern.search(plain) for pattern in _KINDS)
        or order_model().score(sentence) > 0
    )


def addressed(quote: str, text: str) -> bool:
    """Whether quoted words of a text stand in a sentence that is addressed to its reader, or right after one.

    Args:
        quote: The quoted words.
        text: The text in which they stand.
    """
    span = locate(quote, text)
    if span is None:
        return False
    sentences = list(split_sentences(text))
    around = [at for at, (start, end) in enumerate(sentences) if start < span[1] and end > span[0]]
    if not around:
        return False
    first = max(around[0] - 1, 0)
    return any(is_addressed(text[start:end]) for start, end in sentences[first : around[-1] + 1])


def _plain(text: str) -> str:
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in folded if not _is_invisible(letter))


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) == "Cf" and letter != "\u00ad"
