"""Plain text files in the codings they come in."""

from pathlib import Path

import pytest

from radcite.core.errors import RadciteError
from radcite.ingestion.articles.html import parse_html
from radcite.ingestion.limits import Limits
from radcite.ingestion.text import read_text

WESTERN = "Lung nodules of 5 µm to 3 mm (±2 %) in Sjögren’s syndrome; Ménière, Möller and Sánchez – 37 °C."
CHINESE = "右肺上叶见 5 mm 结节，边界清楚。CT 随访 3 个月未见变化，建议 6 个月后复查。"


@pytest.mark.parametrize(
    ("words", "coding"),
    [
        (WESTERN, "cp1252"),
        ("5 µm", "cp1252"),
        (CHINESE, "gb18030"),
        ("5 mm 结节", "gb18030"),
        (WESTERN + CHINESE, "utf-8"),
        (CHINESE, "utf-16"),
    ],
)
def test_a_text_is_read_in_the_coding_it_was_written_in(
    tmp_path: Path, words: str, coding: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(words.encode(coding))
    assert read_text(path, Limits()) == words


def test_a_western_page_that_names_no_coding_is_not_read_as_chinese() -> None:
    page = f"<html><body><p>{WESTERN}</p></body></html>".encode("cp1252")
    assert parse_html(page).text == WESTERN


@pytest.mark.parametrize("content", [bytes(range(256)), b"a\x00b", b"\x89PNG\r\n\x1a\n\xff\xd8"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(RadciteError, match="UNSUPPORTED_FILE"):
        read_text(path, Limits())
