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
_CODED = re.compile(
    r"(?<![A-Za-z0-9+/.:-])(?=[A-Za-z0-9+]*[0-9+])(?=[A-Za-z0-9+]*[a-z])(?=[A-Za-z0-9+]*[A-Z])[A-Za-z0-9+]{28,}={0,2}"
)
# A word of two alphabets that look alike is written to be read by one reader and not by another.
_MIXED = re.compile(r"(?=\w*[a-z])(?=\w*[\u0400-\u04ff])[a-z\u0400-\u04ff]{3,}", re.IGNORECASE)


_MOST_INVISIBLE = 5
_KINDS = (_READER, _ORDER, _MARKUP, _CODED, _MIXED)


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
