"""Whether a word is neither of medicine nor of every day, so that it may be somebody's name."""

import re

from radcite.core.naming.lexicon import common_words, eponyms, generic_words, words_too

__all__ = ["is_strange"]

_OF_MEDICINE = re.compile(
    r"^(?:hyper|hypo|inter|intra|retro|peri|para|post|pre|sub|supra|infra|endo|trans|cardio|pulmon|broncho|"
    r"gastro|hepat|nephr|neur|osteo|myo|haem|hem|cyto|histo|immuno|micro|macro|multi|non|re(?=[b-df-hj-np-tv-z]{2})|un|"
    r"dextro|levo|electro|radio|thromb|lymph|angio|arthr|chol|derm|ophthalm)|"
    r"(?:al|ic|ary|ing|ous|osis|itis|emia|aemia|ectomy|otomy|ostomy|gram|graphy|scopy|scope|ity|ness|tion|sion|"
    r"ment|ine|ole|mab|nib|cillin|mycin|pril|sartan|statin|azole|pam|lol|oid|oma|omas|pathy|plasty|trophy|"
    r"lysis|ated|ized|ised|ive|able|ible|ful|less|like|wise|ward|wards|logy|logist|ure|ism|ist|ase|ose|ide|ate|"
    r"phil|philia|plegia|paresis|ium|ular|olar|iac|ally|edly|ously|ly|cath|tropin|parin|xaban|gliptin|flozin|vir)$"
)
_VOWEL = re.compile(r"[aeiouyà-öø-ÿāēīōū]")


def is_strange(word: str) -> bool:
    """Whether no list of words bears a word in lower case, and its form is not one of medicine."""
    parts = [part for part in re.split(r"[-'’]", word) if part]
    return len(max(parts, key=len, default="")) >= 3 and any(map(_strange, parts))


def _strange(word: str) -> bool:
    forms = {
        word,
        word.removesuffix("s"),
        word.removesuffix("es"),
        word.removesuffix("ed"),
        word.removesuffix("d"),
    }
    return (
        len(word) >= 3
        and all(
            forms.isdisjoint(known)
            for known in (common_words(), eponyms(), generic_words(), words_too())
        )
        and _VOWEL.search(word) is not None
        and _OF_MEDICINE.search(word) is None
    )
