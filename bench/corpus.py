"""What the measurements read: real abstracts where they are at hand, else sentences of made-up words."""

import gzip
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from radcite.core.ports import TextEncoder
from radcite.core.sentences import split_sentences
from radcite.core.sources import Language
from radcite.core.vectors import Vectors, unit_rows

__all__ = [
    "SentenceEncoder",
    "read_abstracts",
    "read_questions",
    "recombined",
    "sentences_of",
    "varied",
    "write_passages",
]

_TEXTS = Path(__file__).parents[1] / "../shared/data/text"
_BIOASQ = _TEXTS / "bioasq"
_MEDQUAD = _TEXTS / "medquad/medquad.jsonl.gz"
_SENTENCES_A_PASSAGE = 4


def read_abstracts(limit: int) -> list[str]:
    """Titles with their abstracts, then NIH's documents, at most `limit`."""
    corpus = _BIOASQ / "corpus.jsonl.gz"
    if not corpus.is_file():
        return [_invented(random.Random(i), 9) for i in range(limit)]
    return [text for text, _ in zip(_texts(corpus), range(limit), strict=False)]


def _texts(corpus: Path) -> Iterator[str]:
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield "\n".join(part["text"] for part in json.loads(line)["passages"])
    if _MEDQUAD.is_file():
        with gzip.open(_MEDQUAD, "rt", encoding="utf-8") as lines:
            for line in lines:
                answers = [one["answer"] for one in json.loads(line)["qa"] if one.get("answer")]
                if answers:
                    yield "\n\n".join(answers)


def read_questions(limit: int) -> list[str]:
    """Questions, at most `limit`."""
    questions = _BIOASQ / "questions.jsonl.gz"
    if not questions.is_file():
        return [_invented(random.Random(-1 - i), 1) for i in range(limit)]
    with gzip.open(questions, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    texts = [record.get("body") or record.get("question") for record in records]
    return [text for text in texts if text][:limit]


def sentences_of(abstracts: Sequence[str], limit: int) -> list[str]:
    """Distinct sentences of a reasonable length, at most `limit`."""
    found: dict[str, None] = {}
    for text in abstracts:
        for start, end in split_sentences(text):
            sentence = " ".join(text[start:end].split())
            if 40 <= len(sentence) <= 240:
                found[sentence] = None
    return list(found)[:limit]


def recombined(sentences: Sequence[str], count: int, seed: int = 7) -> Iterator[str]:
    """Passages of four sentences, one a line: two that stand together, two from elsewhere."""
    draw = random.Random(seed)
    for _ in range(count):
        at = draw.randrange(len(sentences) - 1)
        others = draw.sample(sentences, _SENTENCES_A_PASSAGE - 2)
        yield "\n".join((sentences[at], sentences[at + 1], *others))


def write_passages(path: Path, texts: Iterator[str] | Sequence[str]) -> Path:
    """A `passages.jsonl` of these texts."""
    with path.open("w", encoding="utf-8") as lines:
        for number, text in enumerate(texts):
            lines.write(json.dumps({"id": f"d{number}", "text": text, "language": "en"}) + "\n")
    return path


def varied(count: int, seed: int) -> list[str]:
    """Texts of made-up words and of different lengths, so that hardly two are equally like a question."""
    draw = random.Random(seed)
    words = [_word(draw) for _ in range(400)]
    return [" ".join(draw.choices(words, k=draw.randint(8, 40))) for _ in range(count)]


class SentenceEncoder:
    """A `TextEncoder` that looks sentences up: a passage is the mean of its sentences' real vectors.

    It makes 100,000 passages with vectors spread as a model spreads them, at the price of encoding the
    distinct sentences once.

    Args:
        sentences: The distinct sentences.
        vectors: Their vectors, (len(sentences), dim).
        model: What made them; it reads the questions.
    """

    def __init__(self, sentences: Sequence[str], vectors: Vectors, model: TextEncoder) -> None:
        self._model = model
        self._place = {sentence: place for place, sentence in enumerate(sentences)}
        self._vectors = vectors
        self.encoded = 0

    @property
    def fingerprint(self) -> str:
        return f"sentence means of {self._model.fingerprint}"

    @property
    def dim(self) -> int:
        return self._vectors.shape[1]

    @property
    def languages(self) -> frozenset[Language]:
        return frozenset({"en"})

    async def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += len(texts)
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        return unit_rows(np.array([self._mean(text) for text in texts]))

    async def encode_query(self, text: str) -> Vectors:
        return await self._model.encode_query(text)

    def _mean(self, text: str) -> Vectors:
        places = [self._place[line] for line in text.split("\n") if line in self._place]
        # The first sentence leads, as in prose.
        weights = np.linspace(1.5, 0.5, max(len(places), 1), dtype=np.float32)
        return weights[: len(places)] @ self._vectors[places] if places else self._vectors[0]


def _invented(draw: random.Random, sentences: int) -> str:
    return " ".join(
        " ".join(_word(draw) for _ in range(draw.randint(8, 18))).capitalize() + "."
        for _ in range(sentences)
    )


def _word(draw: random.Random) -> str:
    syllables = ("pul", "mo", "car", "dia", "neu", "ro", "the", "lys", "gen", "ta", "ri", "os")
    return "".join(draw.choices(syllables, k=draw.randint(2, 4)))
