"""How fast PDFs are read, as a ratio to PyMuPDF's bare extraction of the same pages.

    python -m bench.pdf DATA [--json]

DATA holds NAME.pdf and, for the recall of line joins, NAME.jats.xml.gz. Cutting figures out is timed apart.
A line join is found when six words of a paragraph of the article that a line of the page breaks follow one
another in the text, told by letters and digits alone. How well places are told is `radcite eval run pdf-citations`.
"""

import argparse
import gzip
import json
import time
import unicodedata
from pathlib import Path

import pymupdf
from lxml import etree

from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf import read_pdf


def bare_seconds(path: Path) -> float:
    start = time.process_time()
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text("dict")
    return time.process_time() - start


def measure(path: Path) -> dict[str, float]:
    bare = bare_seconds(path)
    start = time.process_time()
    read = read_pdf(path, Limits(), with_figures=False)
    seconds = time.process_time() - start
    start = time.process_time()
    figures = len(read_pdf(path, Limits()).figures)
    whole = time.process_time() - start
    joins, joined, bare_joined = joins_of(path, read.text)
    return {
        "pages": read.pages,
        "seconds": seconds,
        "bare_seconds": bare,
        "figures": figures,
        "figure_seconds": max(0.0, whole - seconds),
        "joins": joins,
        "joined": joined,
        "bare_joined": bare_joined,
    }


def joins_of(path: Path, text: str) -> tuple[int, int, int]:
    """How many runs of words are broken by a line's end, found in our text, found in PyMuPDF's blocks."""
    truth = path.with_suffix("").with_suffix(".jats.xml.gz")
    if not truth.is_file():
        return 0, 0, 0
    with pymupdf.open(path) as document:
        blocks = [block[4] for page in document for block in page.get_text("blocks")]
    lines = {words_of(line) for block in blocks for line in block.splitlines()}
    within = {line for line in lines if line}
    ours, bare = words_of(text), words_of(" ".join(blocks))
    single = "|".join(within)
    root = etree.fromstring(gzip.decompress(truth.read_bytes()))
    runs = {
        run
        for paragraph in root.find("body").iter("p")
        for run in runs_of("".join(paragraph.itertext()))
    }
    broken = [run for run in runs if run not in single]
    return len(broken), sum(run in ours for run in broken), sum(run in bare for run in broken)


def words_of(text: str) -> str:
    """Letters and digits, one after another: hyphens, ligatures and blanks do not count."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return "".join(char for char in plain if char.isalnum())


def runs_of(paragraph: str) -> list[str]:
    words = [made for word in paragraph.split() if (made := words_of(word))]
    return ["".join(words[at : at + 6]) for at in range(0, len(words) - 5, 3)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    paths = sorted(arguments.data.glob("*.pdf"))
    measure(paths[0])  # warms what the first call imports
    measured = {path.stem: measure(path) for path in paths}
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
        "line_join_recall_of_blocks": total["bare_joined"] / max(total["joins"], 1),
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
