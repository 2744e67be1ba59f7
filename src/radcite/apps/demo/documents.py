"""The short texts of the library, set as PDF files."""

import asyncio
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from radcite.ingestion.limits import Limits
    from radcite.ingestion.worker import Readers

__all__ = ["LIBRARY", "set_document", "set_documents"]

LIBRARY = ("effusion.en", "effusion.zh", "ankle.en", "ankle.zh")
_PAGE_BREAK = "---"
_PAPER = (595, 842)
_TYPE_AREA = (72, 64, 523, 778)
_STYLE = """
* { font-family: sans-serif; font-size: 11pt; line-height: 1.45; }
h1 { font-size: 18pt; } h2 { font-size: 13pt; } .mark { font-size: 9pt; color: #555; }
"""


async def set_documents(folder: Path, pool: "Readers") -> list[Path]:
    """Write every text as a PDF of two pages; the files in the order of `LIBRARY`.

    The workers set the type: they load PyMuPDF anyway to read it, and this process need not.
    """
    texts = Path(str(files("radcite.apps.demo"))) / "library"
    pages = await asyncio.gather(
        *(pool.run(set_document, texts / f"{name}.txt") for name in LIBRARY)
    )
    made = [folder / f"{name}.pdf" for name in LIBRARY]
    await asyncio.to_thread(_write, made, pages)
    return made


def _write(targets: Sequence[Path], contents: Sequence[bytes]) -> None:
    for target, content in zip(targets, contents, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def set_document(path: Path, limits: "Limits") -> bytes:
    """A text as the bytes of a PDF: title and mark first, then headings and paragraphs."""
    import pymupdf

    title, mark, *body = path.read_text("utf-8").splitlines()
    pages = _pages(body)
    pages[0].insert(0, f"<h1>{escape(title)}</h1><p class='mark'>{escape(mark)}</p>")
    with pymupdf.open() as pdf:
        for page in pages[: limits.pages]:
            sheet = pdf.new_page(width=_PAPER[0], height=_PAPER[1])
            sheet.insert_htmlbox(_TYPE_AREA, "".join(page), css=_STYLE)
        pdf.set_metadata({"title": title, "author": "radcite"})
        pdf.subset_fonts()
        return pdf.tobytes(garbage=3, deflate=True, no_new_id=True)


def _pages(lines: Sequence[str]) -> list[list[str]]:
    pages: list[list[str]] = [[]]
    for line in filter(str.strip, lines):
        if line == _PAGE_BREAK:
            pages.append([])
        elif line.startswith("# "):
            pages[-1].append(f"<h2>{escape(line[2:])}</h2>")
        else:
            pages[-1].append(f"<p>{escape(line)}</p>")
    return pages
