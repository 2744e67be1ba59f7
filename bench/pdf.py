"""How fast PDFs are read, as a ratio to PyMuPDF's bare extraction of the same pages.

    python -m bench.pdf DATA [--rounds N] [--json]

DATA holds NAME.pdf and, for the recall of line joins, NAME.jats.xml.gz. Seconds are CPU time, the least of interleaved
rounds. Cutting figures out is timed apart. A line join is found when six words of a paragraph of the article that a
line of the page breaks follow one another in the text: told by letters and digits alone, and, strictly, as the same
six words (a hyphen kept or lost in the wrong place, or a missing blank, is a miss), over all articles and over those
set in two columns. How well places are told is `radcite eval run pdf-citations`.
"""

import argparse
import gzip
import json
import re
import time
import unicodedata
from pathlib import Path

import pymupdf
from lxml import etree

from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf

APART = frozenset(
    {"fig", "table-wrap", "list", "disp-formula", "tex-math", "supplementary-material"}
)


def bare_seconds(path: Path) -> float:
    start = time.process_time()
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text("dict")
    return time.process_time() - start


def our_seconds(path: Path, *, with_figures: bool) -> float:
    start = time.process_time()
    read_pdf(path, Limits(), with_figures=with_figures)
    return time.process_time() - start


def measure(path: Path, rounds: int) -> dict[str, float]:
    timed = [(bare_seconds(path), our_seconds(path, with_figures=False)) for _ in range(rounds)]
    bare, seconds = (min(times) for times in zip(*timed, strict=True))
    whole = our_seconds(path, with_figures=True)
    read = read_pdf(path, Limits())
    figures = len(read.figures)
    two_columns = is_two_columns(path)
    joins = joins_of(path, read.text)
    return {
        "pages": read.pages,
        "seconds": seconds,
        "bare_seconds": bare,
        "figures": figures,
        "figure_seconds": max(0.0, whole - seconds),
        **joins,
        **{f"{name}_in_two_columns": two_columns * count for name, count in joins.items()},
    }


def is_two_columns(path: Path) -> bool:
    """Whether on most pages at least a third of the lines stand left of the middle, and a third right of it."""
    with pymupdf.open(path) as document:
        pages = 0
        for page in document:
            middle = page.rect.width / 2
            boxes = [
                line["bbox"]
                for block in page.get_text("dict")["blocks"]
                for line in block.get("lines", [])
            ]
            left = sum(box[2] <= middle + 5 for box in boxes)
            right = sum(box[0] >= middle - 5 for box in boxes)
            pages += min(left, right) > len(boxes) / 3
        return 2 * pages > document.page_count


def joins_of(path: Path, text: str) -> dict[str, int]:
    """How many runs of words are broken by a line's end, found in our text, found in PyMuPDF's blocks."""
    truth = path.with_suffix("").with_suffix(".jats.xml.gz")
    if not truth.is_file():
        return dict.fromkeys(("joins", "joined", "joined_strictly", "bare_joined"), 0)
    with pymupdf.open(path) as document:
        blocks = [block[4] for page in document for block in page.get_text("blocks")]
    lines = {words_of(line) for block in blocks for line in block.splitlines()}
    within = {line for line in lines if line}
    ours, bare, strictly = words_of(text), words_of(" ".join(blocks)), in_words(text)
    single = "|".join(within)
    root = etree.fromstring(gzip.decompress(truth.read_bytes()))
    runs = {
        words_of(run): in_words(run)
        for paragraph in root.find("body").iter("p")
        for run in runs_of(running_text(paragraph))
    }
    broken = {run: words for run, words in runs.items() if run not in single}
    return {
        "joins": len(broken),
        "joined": sum(run in ours for run in broken),
        "joined_strictly": sum(words in strictly for words in broken.values()),
        "bare_joined": sum(run in bare for run in broken),
    }


def running_text(element: etree._Element) -> str:
    """What is printed as one paragraph: what floats beside it, and formulae in TeX, are none of it."""
    parts = [element.text or ""]
    for child in element:
        if etree.QName(child).localname not in APART:
            parts.append(running_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def in_words(text: str) -> str:
    """The words as they are parted, in small letters."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).lower())
    return f" {' '.join(words)} "


def words_of(text: str) -> str:
    """Letters and digits, one after another: hyphens, ligatures and blanks do not count."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(char for char in plain if char.isalnum())


def runs_of(paragraph: str) -> list[str]:
    words = [word for word in paragraph.split() if words_of(word)]
    return [" ".join(words[at : at + 6]) for at in range(0, len(words) - 5, 3)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    paths = sorted(arguments.data.glob("*.pdf"))
    measure(paths[0], 1)  # warms what the first call imports
    measured = {path.stem: measure(path, arguments.rounds) for path in paths}
    total = {
        name: sum(each[name] for each in measured.values()) for name in measured[paths[0].stem]
    }
    totals = {
        "articles": len(measured),
        "pages_per_cpu_second": total["pages"] / total["seconds"],
        "ratio_to_bare_dict": total["seconds"] / total["bare_seconds"],
        "figures": total["figures"],
        "cpu_seconds_a_figure": total["figure_seconds"] / max(total["figures"], 1),
        "line_joins": total["joins"],
        "line_join_recall": total["joined"] / max(total["joins"], 1),
        "line_join_recall_strict": total["joined_strictly"] / max(total["joins"], 1),
        "line_join_recall_of_blocks": total["bare_joined"] / max(total["joins"], 1),
        **{
            f"{name}_in_two_columns": total[f"{count}_in_two_columns"]
            / max(total["joins_in_two_columns"], 1)
            for name, count in (
                ("line_join_recall", "joined"),
                ("line_join_recall_strict", "joined_strictly"),
                ("line_join_recall_of_blocks", "bare_joined"),
            )
        },
    }
    if arguments.json:
        print(json.dumps({"totals": totals, "articles": measured}))
        return
    for name, each in measured.items():
        ratio = each["seconds"] / each["bare_seconds"]
        print(
            f"{name:12} pages {each['pages']:3} seconds {each['seconds']:.2f} ({ratio:.2f} x dict)"
        )
    for name, value in totals.items():
        print(f"{name:20} {value:.3f}")


if __name__ == "__main__":
    main()
