"""A figure of a paper is cited beside the words of its caption: its page, its rectangle, its picture."""

import io
from collections.abc import Iterator

import numpy as np
import pymupdf
import pytest
from PIL import Image

from radcite import Radcite
from radcite.apps.cli.answers import show
from radcite.core.claims import Answer, ImageLocation, PageLocation
from radcite.core.sources import Passage

BODY = (
    "Upright chest radiographs of adults were read twice by two readers, and the amount of fluid was"
    " measured with a needle on the same day. Agreement between the readers was good."
)
CAPTION = "Figure 1. The meniscus sign marks pleural fluid at the left base of the lung."


def picture() -> bytes:
    values = np.random.default_rng(1).integers(0, 255, (12, 16, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(np.kron(values, np.ones((20, 20, 1), dtype=np.uint8))).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radcite]:
    folder = tmp_path_factory.mktemp("figures")
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_textbox(
            (72, 60, 520, 120), "Pleural fluid on the chest radiograph", fontsize=18
        )
        page.insert_textbox((72, 130, 520, 220), BODY, fontsize=11)
        page.insert_image((100, 240, 340, 420), stream=picture())
        page.insert_textbox((72, 430, 520, 470), CAPTION, fontsize=9)
        document.save(folder / "a.pdf")
    with Radcite(folder / "home") as radcite:
        radcite.ingest(folder / "a.pdf")
        yield radcite


@pytest.fixture(scope="module")
def answer(house: Radcite) -> Answer:
    outcome = house.ask("What does the meniscus sign mark?").outcome
    assert isinstance(outcome, Answer)
    return outcome


def test_a_figure_is_cited_with_its_page_its_rectangle_and_its_picture(
    house: Radcite, answer: Answer
) -> None:
    words, figure = answer.claims[0].citations
    assert isinstance(words.place, PageLocation)
    assert words.quote is not None
    assert "meniscus sign" in words.quote
    place = figure.place
    assert isinstance(place, ImageLocation)
    assert answer.claims[0].support == "supported"
    assert figure.quote is None
    assert place.observation.value == "Figure 1"
    assert place.on_page is not None
    assert place.on_page.page == 1
    assert np.allclose(place.on_page.box, (100, 240, 340, 420), atol=2)
    source = answer.evidence[0].source
    assert isinstance(source, Passage)
    assert place.document_id == source.document_id
    assert source.figure is not None
    assert place.image == source.figure.image


def test_words_beside_the_caption_cite_no_figure(house: Radcite) -> None:
    outcome = house.ask("How was the amount of fluid measured?").outcome
    assert isinstance(outcome, Answer)
    assert all(isinstance(one.place, PageLocation) for one in outcome.claims[0].citations)


def test_the_figure_is_shown_on_the_terminal_and_in_markdown(
    house: Radcite, answer: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    show(answer)
    printed = " ".join(capsys.readouterr().out.split())
    assert "p. 1, Figure 1 [100, 240, 340, 420]" in printed
    shown = house.ask("What does the meniscus sign mark?")._repr_markdown_()
    assert "p. 1, Figure 1" in shown
