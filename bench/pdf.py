"""How fast PDFs are read, as a ratio to PyMuPDF's bare extraction of the same pages.

    python -m bench.pdf DATA [--json]

DATA holds NAME.pdf. How well they are read is `radcite eval run pdf-citations`.
"""

import argparse
import json
import time
from pathlib import Path

import pymupdf

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
    pages = read_pdf(path, Limits()).pages
    return {"pages": pages, "seconds": time.process_time() - start, "bare_seconds": bare}


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
