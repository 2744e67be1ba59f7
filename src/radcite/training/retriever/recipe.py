"""`radcite train retriever`: the bilingual static text encoder, from the free sets to its ONNX file and card."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from radcite.backends.text.minilm import MiniLmEncoder, build_minilm, find_minilm_weights
from radcite.backends.text.model_card import CARD_FILE, TextModelCard
from radcite.core.errors import RadciteError
from radcite.core.sentences import split_sentences
from radcite.evals.datasets import Data
from radcite.tools.knowledge.terms import general_words, load_terms
from radcite.training.curves import write_curves
from radcite.training.extra import need
from radcite.training.licences import used
from radcite.training.model_card import CardFacts, Figure, write_card
from radcite.training.retriever.export import static_graph
from radcite.training.retriever.text_pairs import TextPair, TextPairs, read_text_pairs
from radcite.training.retriever.tokenizer import build_tokenizer, choose_vocabulary
from radcite.training.run_folder import clear_run
from radcite.training.trackers import TrackerKind, open_tracker
from radcite.training.units import check_disjoint

if TYPE_CHECKING:
    from radcite.training.retriever.student import Plan

__all__ = ["levelled", "train_retriever"]

_NAME = "text-zh-en"
_DISTILLED, _SHORT, _SENTENCES = 30_000, 400, 5_000
_ENGLISH_WORDS, _CHINESE_RUNS = 10_000, 8_000
_ENGLISH = frozenset({"bioasq", "bioasq-title", "pubmedqa", "medquad"})


def train_retriever(
    data: Data,
    out: Path,
    *,
    plan: "Plan | None" = None,
    trackers: Sequence[TrackerKind] = (),
    command: str = "radcite train retriever",
    tell: Callable[[str], None] = print,
) -> Path:
    """Train the encoder and write `model.onnx`, `tokenizer.json`, `radcite.json` and its card to `out`.

    A run that was killed is gone on with by the same call. A few minutes on two cores.

    Raises:
        RadciteError: `MISSING_EXTRA` without torch, `NOT_FOUND` without MiniLM's weights or a data file,
            `VALIDATION` when training data holds units that figures are reported on.
    """
    need("torch")
    from radcite.training.retriever.student import (
        Lesson,
        Plan,
        Student,
        Targets,
        first_rows,
        token_ids,
    )
    from radcite.training.retriever.student import train_student as train
    from radcite.training.torch_run import Run

    plan = plan or Plan()
    out.mkdir(parents=True, exist_ok=True)
    train_pairs, dev_pairs = read_text_pairs(data, "train"), read_text_pairs(data, "dev")
    held = read_text_pairs(data, "held")
    check_disjoint((p.unit for p in train_pairs.pairs), (p.unit for p in held.pairs))
    tell(f"{len(train_pairs.pairs)} pairs, {len(train_pairs.english)} English texts")
    teacher = _teacher(out)
    texts = _distilled(train_pairs, plan.seed)
    read = _read_by(teacher, train_pairs.pairs, texts)
    vectors = np.stack([read[text] for text in texts])
    vocabulary = _vocabulary(train_pairs.pairs)
    tokenizer = Tokenizer.from_str(build_tokenizer(vocabulary))
    pairs = train_pairs.pairs
    ids = token_ids(
        tokenizer, [t for p in pairs for t in (p.query, p.document)] + texts, plan.max_tokens
    )
    counts = np.bincount(
        np.concatenate([np.array(each) for each in ids]), minlength=len(vocabulary)
    )
    rows, mean, directions = first_rows(
        vocabulary, teacher, _english_names(), vectors, counts, plan.dim
    )

    def targets(some: Sequence[str | None]) -> Targets:
        known = np.array([text is not None and text in read for text in some])
        found = np.zeros((len(some), plan.dim), dtype=np.float32)
        laid = (np.stack([read[text] for text in some if text in read]) - mean) @ directions
        found[known] = laid / np.linalg.norm(laid, axis=1, keepdims=True)
        return Targets(found, known)

    lesson = Lesson(
        queries=ids[0 : 2 * len(pairs) : 2],
        documents=ids[1 : 2 * len(pairs) : 2],
        kinds=[pair.source for pair in pairs],
        texts=ids[2 * len(pairs) :],
        query_targets=targets([pair.english for pair in pairs]),
        document_targets=targets([pair.english_document for pair in pairs]),
        targets=targets(texts).vectors,
    )
    student = Student(rows)

    def encode(some: Sequence[str]) -> NDArray[np.float32]:
        return student(token_ids(tokenizer, some, plan.max_tokens)).detach().numpy()

    run = Run(
        folder=out,
        recipe=f"{_NAME} {json.dumps(asdict(plan))}",
        tracker=open_tracker(out, trackers),
        measure=lambda: _found(encode, dev_pairs.pairs),
    )
    train(student, lesson, plan, run)
    run.tracker.close()
    write_curves(out)
    (out / "tokenizer.json").write_text(build_tokenizer(vocabulary), "utf-8")
    learned = levelled(student.table.weight.detach().numpy(), vocabulary, counts)
    (out / "model.onnx").write_bytes(static_graph(learned).SerializeToString())
    card = TextModelCard(
        name=_NAME,
        languages=frozenset({"en", "zh"}),
        pooling="in_graph",
        max_tokens=plan.max_tokens,
    )
    (out / CARD_FILE).write_text(card.model_dump_json(indent=1) + "\n", "utf-8")
    figure = Figure(
        name="recall@1 of a pair's document among 256 of the same set",
        value=run.measure(),
        on="development pairs",
        n=len(dev_pairs.pairs),
    )
    clear_run(out)
    return write_card(out, _card(data, command, asdict(plan), figure), (*_FILES, CARD_FILE))


_FILES = ("model.onnx", "tokenizer.json")
_RARE = 10


def levelled(
    rows: NDArray[np.float32], vocabulary: Sequence[str], counts: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Rows of tokens that training never met, made as long as those it met a few times.

    Training lengthens the rows it meets; a rare word that it did not meet would else weigh less than a common one.
    """
    lengths = np.linalg.norm(rows, axis=1)
    latin = np.array([token.isascii() for token in vocabulary])
    levelled = rows.copy()
    for script in (latin, ~latin):
        rare = script & (counts > 0) & (counts < _RARE)
        unmet = script & (counts == 0) & (lengths > 0)
        if rare.any():
            levelled[unmet] *= (lengths[rare].mean() / lengths[unmet])[:, None]
    return levelled


def _teacher(out: Path) -> Callable[[Sequence[str]], NDArray[np.float32]]:
    encoder = MiniLmEncoder(build_minilm(out / "teacher"))

    def read(texts: Sequence[str]) -> NDArray[np.float32]:
        return asyncio.run(encoder.encode(texts))

    return read


def _read_by(
    teacher: Callable[[Sequence[str]], NDArray[np.float32]],
    pairs: Sequence[TextPair],
    texts: Sequence[str],
) -> dict[str, NDArray[np.float32]]:
    """The teacher's vectors of every English text that is learned from."""
    sides = (side for pair in pairs for side in (pair.english, pair.english_document))
    wanted = list(dict.fromkeys([*(side for side in sides if side), *texts]))
    return dict(zip(wanted, teacher(wanted), strict=True))


def _distilled(pairs: TextPairs, seed: int) -> list[str]:
    """Short English texts, and sentences of the long ones."""
    rng = random.Random(seed)  # noqa: S311 - a fixed sample
    short = [text for text in pairs.english if 0 < len(text) < _SHORT]
    long = [text for text in pairs.english if len(text) >= _SHORT]
    for text in rng.sample(long, min(_SENTENCES, len(long))):
        spans = split_sentences(text[:2_000])
        for start, end in rng.sample(spans, min(2, len(spans))):
            if 40 < end - start < _SHORT:
                short.append(text[start:end])
    rng.shuffle(short)
    return short[:_DISTILLED]


def _vocabulary(pairs: Sequence[TextPair]) -> list[str]:
    folder = find_minilm_weights()
    if folder is None:
        raise RadciteError("NOT_FOUND", "MiniLM's weights", "缺少 MiniLM 权重")
    content = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    numbers: dict[str, int] = content["model"]["vocab"]
    both = [(p.source in _ENGLISH, text) for p in pairs for text in (p.query, p.document)]
    names = [name for entry in load_terms() for name in entry.zh] + [w for w, _ in general_words()]
    return choose_vocabulary(
        sorted(numbers, key=lambda piece: numbers[piece]),
        (text for english, text in both if english),
        (text for english, text in both if not english),
        names,
        words=_ENGLISH_WORDS,
        runs=_CHINESE_RUNS,
    )


def _english_names() -> dict[str, str]:
    names = dict(general_words())
    for entry in reversed(load_terms()):
        names |= {name.lower(): entry.en[0] for name in entry.zh}
    return names


def _found(
    encode: Callable[[Sequence[str]], NDArray[np.float32]], pairs: Sequence[TextPair]
) -> float:
    """The share of pairs whose document is nearest to its question among 256 of the same set."""
    right: list[bool] = []
    for source in sorted({pair.source for pair in pairs}):
        some = list({pair.query: pair for pair in pairs if pair.source == source}.values())[:256]
        scores = encode([p.query for p in some]) @ encode([p.document for p in some]).T
        right += list(scores.argmax(axis=1) == np.arange(len(some)))
    return float(np.mean(right))


def _card(data: Data, command: str, plan: dict[str, int | float], figure: Figure) -> CardFacts:
    return CardFacts(
        title="text-zh-en: sentence vectors for Chinese and English medical text",
        purpose="Finds passages and cases by meaning, in either language, beside BM25. One int8 row a token, "
        "mean of the rows, 384 numbers a text. It knows no word order.",
        not_for="deciding whether a text supports a statement, or similarity of texts outside medicine.",
        origin="Distilled from all-MiniLM-L6-v2 (Apache-2.0, sha256 53aa51172d14…) on English text and trained on "
        "pairs of questions and answers; Chinese rows start from English names in radcite's term file.",
        command=command,
        plan=plan,
        data=used(data),
        split="by question, document or image: the first byte of the SHA-256 of its id is below 112 for training and "
        "below 128 for choices; every reported figure is on the others.",
        figures=(figure,),
        limits=(
            "In English it is weaker than its teacher: BioASQ hybrid nDCG@10 .848 against .871 (docs/results.md).",
            "Chinese was learned from some 20,000 pairs: dense search alone is far below words there.",
            "Transliterated names that no term file holds (乌布吉泮) have no English neighbour.",
        ),
    )
