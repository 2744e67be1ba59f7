"""How much a sentence is worded like an order to whoever reads it: a linear reading of its words.

Words of an order are few and stand among words of medicine; each counts by itself, whatever the length of the
sentence. Learned from written orders and from sentences of real documents by `radcite train orders`.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from radcite.core.frozen import Frozen

__all__ = ["OrderModel", "order_model", "order_traits"]

_TOKEN = re.compile(
    r"https?://\S+|[a-z0-9.-]+@[a-z0-9.-]+|\b[\w-]+(?:\.[\w-]+)+/\S*|[a-z]+_[a-z_]+|[a-z][a-z']*|\d+"
    r"|[\u3400-\u9fff]|->|→|<-|[{}\[\]<>|=_\"「」『』:;()#@%&?!«»/*+~]"
)
_ENDING = re.compile(r"(?:ing|ed|es|s)$")
_STEM_FROM = 5
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "<capitals>": re.compile(r"[A-Z]{4,}\s+[A-Z]{2,}\s"),
    "<hexadecimal>": re.compile(r"\b[0-9a-f]{30,}\b"),
    "<coded>": re.compile(
        r"(?<![\w/.:])(?=\S{0,80}\d)(?=\S{0,80}[a-z])(?=\S{0,80}[A-Z])[A-Za-z0-9+/]{24,}={0,2}"
    ),
    "<escaped>": re.compile(r"(?:%[0-9A-Fa-f]{2}[^%]{0,12}){4}"),
    "<digits for letters>": re.compile(
        r"(?:\b[A-Za-z]{1,9}[01345][A-Za-z0134578]{0,9}\b.{0,24}){4}"
    ),
    "<wide>": re.compile(r"[\uff21-\uff3a\uff41-\uff5a]{5,}"),
}
_WORDS = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"'})


class OrderModel(Frozen):
    """Weights of traits; a sentence is an order where their sum and `bias` is above 0."""

    bias: float
    weights: dict[str, float]

    def score(self, sentence: str) -> float:
        """How far above 0 the sentence is."""
        return self.bias + sum(self.parts(sentence).values())

    def parts(self, sentence: str) -> Mapping[str, float]:
        """What each trait of the sentence adds."""
        return {
            trait: self.weights[trait]
            for trait in sorted(order_traits(sentence))
            if trait in self.weights
        }


def order_traits(sentence: str) -> set[str]:
    """Words without endings, neighbours, pairs with one word between, and shapes such as a web address with a query."""
    plain = unicodedata.normalize("NFKC", sentence)
    words = ["<start>"]
    for token in _TOKEN.findall(plain.translate(_WORDS).casefold()):
        words += _words_of(token)
    words.append("<end>")
    shapes = {name for name, shape in _SHAPES.items() if shape.search(plain)}
    if _SHAPES["<wide>"].search(sentence):
        shapes.add("<wide>")
    pairs = map(" ".join, pairwise(words))
    apart = map(" _ ".join, zip(words, words[2:], strict=False))
    return ({*words, *pairs, *apart} | shapes) - {"<start>", "<end>"}


@lru_cache(maxsize=1)
def order_model() -> OrderModel:
    """What radcite carries."""
    text = files("radcite.core.grounding").joinpath("orders.json").read_text("utf-8")
    return OrderModel.model_validate(json.loads(text))


def _words_of(token: str) -> list[str]:
    if len(token) == 1:
        return ["#"] if token.isdigit() else [token]
    if token.startswith("http") or ("/" in token and "." in token):
        return ["<address>", "<query>"] if re.search(r"[?=]", token) else ["<address>"]
    if "@" in token:
        return ["<mail>"]
    if "_" in token:
        return ["<name of code>"]
    if token.isdigit():
        return ["#"]
    return [_ENDING.sub("", token) if len(token) >= _STEM_FROM else token]
