"""Which words and Chinese characters medical texts are made of, so that a name stands out among them.

    python -m radcite.training.wording.common_words [--data DIR]

writes `core/naming/data/words.en.txt` and `pairs.zh.txt` from sets that are free to train on. They hold words and
counts, no text.
"""

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from math import log2
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from radcite.core.naming.lexicon import given_names, zh_given, zh_surnames
from radcite.evals.datasets import DEFAULT_FOLDER, Data
from radcite.training.licences import used

__all__ = ["english_words", "main", "pair_lines"]

_ENGLISH = (
    "text/bioasq/corpus.jsonl.gz",
    "text/medquad/medquad.jsonl.gz",
    "text/oa_fulltext_ccby/articles.jsonl.gz",
    "text/pubmedqa_l/pubmedqa.jsonl.gz",
    "text/roco_captions/captions.jsonl.gz",
)
_CHINESE = (
    "text/zh/cmedqq/train.jsonl.gz",
    "text/zh/huatuo_bencao/qa.jsonl.gz",
    "text/zh/huatuo_liver_literature/dialogues.jsonl.gz",
    "text/zh/medicalgpt_sft1k/qa.jsonl.gz",
    "text/zh/slake_bilingual_text_only/train.jsonl.gz",
    "text/zh/toyhom_internal_medicine/qa.jsonl.gz",
)
_LEAST, _LEAST_CAPITALISED, _LEAST_PAIR = 3, 10, 3


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def _texts(data: Data, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        with gzip.open(data.file(name), "rt", encoding="utf-8") as lines:
            for line in lines:
                said = _strings(cast("JsonValue", json.loads(line)))
                yield from (text for text in said if not text.startswith("http"))


def english_words(texts: Iterator[str]) -> list[str]:
    """Words that are written small at least three times, and names of things that are always written large.

    The latter bear a capital; what is a person's name too is left out.
    """
    small, large = Counter[str](), Counter[str]()
    for text in texts:
        for word in re.findall(r"[A-Za-zÀ-ÿ]{2,}", text):
            if word.islower():
                small[word] += 1
            elif word[0].isupper():
                large[word.lower()] += 1
    people = given_names()
    common = [word for word, count in small.items() if count >= _LEAST]
    things = [
        word.capitalize()
        for word, count in large.items()
        if count >= _LEAST_CAPITALISED and small[word] < _LEAST and word not in people
    ]
    return sorted({*common, *things})


def pair_lines(texts: Iterator[str]) -> list[str]:
    """How often a character follows another: the first one, then each follower with log2 of its count.

    The first line counts characters by themselves. Only followers that occur in names are kept.
    """
    single, pairs = Counter[str](), Counter[str]()
    for text in texts:
        for run in re.findall(r"[\u4e00-\u9fff]+", text):
            single.update(run)
            pairs.update(run[at : at + 2] for at in range(len(run) - 1))
            pairs["^" + run[0]] += 1
            pairs[run[-1] + "$"] += 1
    wanted = {*"".join(zh_surnames()), *zh_given(), "$"}
    lines: dict[str, str] = {}
    for pair, count in sorted(pairs.items()):
        if count >= _LEAST_PAIR and pair[1] in wanted:
            lines[pair[0]] = lines.get(pair[0], pair[0]) + pair[1] + _level(count)
    first = " " + "".join(char + _level(count) for char, count in sorted(single.items()))
    return [first, *lines.values()]


def _level(count: int) -> str:
    return "0123456789abcdefghijklmnopqrstuv"[round(log2(count))]


def main() -> int:
    """Write both files anew and tell what they were made of."""
    parser = argparse.ArgumentParser(prog="python -m radcite.training.wording.common_words")
    parser.add_argument("--data", type=Path, default=DEFAULT_FOLDER)
    data = Data(parser.parse_args().data)
    folder = Path(str(files("radcite.core.naming").joinpath("data")))
    for name, lines in (
        ("words.en.txt", english_words(_texts(data, _ENGLISH))),
        ("pairs.zh.txt", pair_lines(_texts(data, _CHINESE))),
    ):
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    for one in used(data):
        sys.stdout.write(f"{one.name}  {one.licence}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
