"""Figures are cut out of a PDF, kept as pictures, found by caption and by likeness, and leave with it."""

import io
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image

from radcite.core.sources import Passage
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf
from radcite.ingestion.removal import leaving, remove
from radcite.tools.cases import CaseRequest
from radcite.tools.literature import LiteratureRequest
from tests.ingestion.studio import Studio, open_studio

BODY = (
    "Upright chest radiographs of adults were read twice by two readers, and the amount of fluid was"
    " measured with a needle on the same day. Agreement between the readers was good."
)


def picture(seed: int) -> bytes:
    values = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    big = np.kron(values, np.ones((20, 20, 1), dtype=np.uint8))
    buffer = io.BytesIO()
    Image.fromarray(big).save(buffer, format="PNG")
    return buffer.getvalue()


def article(path: Path) -> Path:
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox(
            (72, 60, 520, 120), "Pleural fluid on the chest radiograph of adults", fontsize=18
        )
        page.insert_textbox((72, 130, 520, 220), BODY, fontsize=11)
        page.insert_image((100, 240, 340, 420), stream=picture(1))
        page.insert_textbox(
            (72, 430, 520, 470), "Figure 1. Meniscus sign at the left base.", fontsize=9
        )
        page.insert_textbox((72, 480, 520, 560), BODY.replace("Upright", "Supine"), fontsize=11)
        page = document.new_page()
        page.insert_image((100, 80, 340, 260), stream=picture(2))
        page.insert_textbox(
            (72, 270, 520, 300), "Figure 2. Deep sulcus of a pneumothorax.", fontsize=9
        )
        for step in range(5):
            page.draw_rect((120 + 30 * step, 560 - 20 * step, 140 + 30 * step, 600), fill=(0, 0, 1))
        page.draw_line((110, 600), (320, 600))
        page.draw_line((110, 440), (110, 600))
        page.insert_textbox((72, 615, 520, 640), "Figure 3. Fluid by year.", fontsize=9)
        document.save(path)
    return path


def test_each_figure_is_cut_out_where_it_stands(tmp_path: Path) -> None:
    read = read_pdf(article(tmp_path / "a.pdf"), Limits())
    assert [(one.label, one.page) for one in read.figures] == [
        ("Figure 1", 1),
        ("Figure 2", 2),
        ("Figure 3", 2),
    ]
    first, _, chart = read.figures
    assert read.text[first.start : first.end].startswith("Figure 1. Meniscus")
    assert np.allclose(first.box, (100, 240, 340, 420), atol=2)
    assert abs(first.rows - 500) <= 2
    assert len(first.rgb) == first.rows * first.columns * 3
    assert 100 < chart.box[0] < 120
    assert 430 < chart.box[1] < 450
    assert read_pdf(tmp_path / "a.pdf", Limits(), with_figures=False).figures == ()


def captions(found: object) -> list[str]:
    assert isinstance(found, list)
    sources = [hit.source for hit in found]
    assert all(isinstance(source, Passage) for source in sources)
    return [source.figure.label if source.figure else "" for source in sources]


async def asked(studio: Studio, seed: int) -> str:
    pixels = np.asarray(Image.open(io.BytesIO(picture(seed))))
    digest = f"{seed:064x}"
    await studio.images.put(digest, pixels)
    return digest


async def test_a_figure_is_found_by_its_caption_and_by_an_image_like_it(tmp_path: Path) -> None:
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(article(tmp_path / "a.pdf"))
        assert (report.quarantined, report.images) == ((), 3)
        by_words = await studio.literature(LiteratureRequest(query="deep sulcus pneumothorax"))
        assert captions(by_words)[0] == "Figure 2"
        image = await asked(studio, 1)
        by_image = await studio.literature(LiteratureRequest(images=(image,), limit=2))
        assert captions(by_image)[0] == "Figure 1"
        figure = by_image[0].source.figure
        stored = await studio.images.pixels(figure.image)
        assert stored.shape[2] == 3
        both = await studio.literature(LiteratureRequest(query="meniscus", images=(image,)))
        assert captions(both)[0] == "Figure 1"
        assert len({(hit.source.document_id, hit.source.start) for hit in both}) == len(both)
        assert list(await studio.cases(CaseRequest(images=(image,)))) == []


async def test_the_pictures_of_a_document_leave_with_it(tmp_path: Path) -> None:
    async with open_studio(tmp_path / "home") as studio:
        await studio.take(article(tmp_path / "a.pdf"))
        kept = {path.name for path in (tmp_path / "home" / "images").rglob("*.png")}
        assert len(kept) == 3
        stores = studio.ingestor.stores
        (document,) = {
            hit.source.document_id
            for hit in await studio.literature(LiteratureRequest(query="fluid"))
        }
        await remove(stores, await leaving(stores, "default", documents=[document]))
        assert not list((tmp_path / "home" / "images").rglob("*.png"))
        assert await studio.index.count("default") == 0
