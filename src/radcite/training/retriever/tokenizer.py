"""The vocabulary of the bilingual static encoder: English word pieces, Chinese words and characters."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from radcite.core.normalization import is_cjk

__all__ = ["START", "UNKNOWN", "build_tokenizer", "choose_vocabulary"]

UNKNOWN = "[UNK]"
START = "[CLS]"
_WORD = re.compile(r"[a-z]{4,24}")
_RUN = re.compile(r"[㐀-䶿一-鿿]+")
_LONGEST_NAME = 8
_ASCII_PIECE = re.compile(r"(?:##)?[a-z0-9α-ω%°±<>=+\-/.µ]+")


def choose_vocabulary(
    pieces: Iterable[str],
    english: Iterable[str],
    chinese: Iterable[str],
    names: Iterable[str],
    *,
    words: int,
    runs: int,
) -> list[str]:
    """Tokens in a fixed order, the two special ones first.

    Args:
        pieces: The teacher's word pieces; those of English text are kept.
        english: Texts that say which whole words are worth a row of their own.
        chinese: Texts that say which characters and runs of two to four are.
        names: Chinese terms; short ones are kept whole.
        words: Most English words added.
        runs: Most Chinese runs added.
    """
    kept = [piece for piece in pieces if _ASCII_PIECE.fullmatch(piece)]
    known = set(kept)
    counted = Counter(word for text in english for word in _WORD.findall(text.lower()))
    added = [word for word, n in counted.most_common() if n >= 3 and word not in known][:words]
    chars: Counter[str] = Counter()
    grams: Counter[str] = Counter()
    for text in chinese:
        for run in _RUN.findall(text):
            chars.update(run)
            for size in (2, 3, 4):
                grams.update(run[i : i + size] for i in range(len(run) - size + 1))
    whole = {
        name.lower()
        for name in names
        if len(name) <= _LONGEST_NAME and all(is_cjk(char) for char in name)
    }
    chars.update(char for name in whole for char in name)
    frequent = (gram for gram, n in grams.most_common(4 * runs) if n >= 20 and gram not in whole)
    chosen = [gram for gram in frequent if len(gram) == 2 or _is_bound(gram, grams)][:runs]
    singles = sorted(chars)
    return list(dict.fromkeys([UNKNOWN, START, *kept, *added, *singles, *sorted(whole), *chosen]))


def _is_bound(gram: str, grams: Mapping[str, int]) -> bool:
    """Whether a longer run is nearly always what its two ends belong to, as a word's parts are."""
    ends = min(grams[gram[:-1]], grams[gram[1:]]) if len(gram) > 2 else 0
    return grams[gram] >= 0.5 * ends


def build_tokenizer(vocabulary: Sequence[str]) -> str:
    """The tokenizer's file, `tokenizer.json`: the longest match from the left, after `START`.

    A Chinese token has one number whether it opens a run or goes on in it.
    """
    numbers = {token: number for number, token in enumerate(vocabulary)}
    for token in vocabulary:
        if is_cjk(token[0]):
            numbers[f"##{token}"] = numbers[token]
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token=UNKNOWN, max_input_chars_per_word=64))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.BertNormalizer(
                clean_text=True, handle_chinese_chars=False, strip_accents=True, lowercase=True
            ),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.BertPreTokenizer(),
            # Runs are bounded: matching costs the square of a run's length.
            pre_tokenizers.Split(Regex("[㐀-䶿一-鿿]{1,24}"), "isolated"),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A", special_tokens=[(START, numbers[START])]
    )
    # The library writes one name for a number; the file has to keep both.
    content = json.loads(tokenizer.to_str())
    content["model"]["vocab"] = numbers
    return json.dumps(content, ensure_ascii=False)
