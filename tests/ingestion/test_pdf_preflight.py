import pickle
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import pymupdf
import pytest

from radcite.core.errors import RadciteError
from radcite.ingestion.limits import Limits
from radcite.ingestion.pdf.reading import read_pdf


def by_hand(objects: Sequence[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(made))
    return made + head + table + tail


def stream(data: bytes, extra: bytes = b"") -> bytes:
    return b"<<" + extra + b"/Length %d>>\nstream\n" % len(data) + data + b"\nendstream"


def one_page(content: bytes, resources: bytes = b"", *more: bytes) -> bytes:
    """A PDF of one page; `more` are objects numbered from 6, object 5 is Helvetica."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
    return by_hand(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page + b"/Resources<</Font<</F 5 0 R>>" + resources + b">>>>",
            content,
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            *more,
        ]
    )


def form_fan_out(levels: int, width: int) -> bytes:
    """Forms that each draw the next one many times: few bytes, width ** levels runs."""
    forms: list[bytes] = []
    for level in range(levels):
        following = 7 + level
        last = level == levels - 1
        data = b"BT /F 9 Tf (x) Tj ET" if last else b"/N Do " * width
        names = b"" if last else b"/XObject<</N %d 0 R>>" % following
        kind = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</Font<</F 5 0 R>>"
        forms.append(stream(data, kind + names + b">>"))
    return one_page(stream(b"/N Do"), b"/XObject<</N 6 0 R>>", *forms)


def nested_flate(layers: int) -> bytes:
    """Megabytes of blanks deflated again and again."""
    data = b" " * 150_000_000
    for _ in range(layers):
        data = zlib.compress(data, 9)
    return one_page(stream(data, b"/Filter[" + b"/FlateDecode" * layers + b"]"))


def text_bomb() -> bytes:
    """A page whose text is 100 MB long and deflates to a hundred kilobytes."""
    data = b"BT /F 1 Tf " + b"(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj " * 2_000_000 + b"ET"
    return one_page(stream(zlib.compress(data, 9), b"/Filter/FlateDecode"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "article.pdf"


def refusal(path: Path, limits: Limits | None = None) -> RadciteError:
    with pytest.raises(RadciteError) as caught:
        read_pdf(path, limits or Limits())
    return caught.value


def article(path: Path, pages: int = 1, **options: object) -> Path:
    document = pymupdf.open()
    for _ in range(pages):
        document.new_page().insert_text((72, 200), "The lesion shows no restricted diffusion.")
    document.save(path, **options)
    document.close()
    return path


@pytest.mark.parametrize(
    "bomb",
    [
        pytest.param(lambda: form_fan_out(8, 12), id="form fan-out"),
        pytest.param(lambda: nested_flate(2), id="deflated twice"),
        pytest.param(lambda: nested_flate(4), id="deflated four times"),
        pytest.param(text_bomb, id="text bomb"),
    ],
)
def test_a_bomb_is_refused_quickly(path: Path, bomb):
    path.write_bytes(bomb())
    assert path.stat().st_size < 500_000
    start = time.perf_counter()
    assert refusal(path).code == "LIMIT_EXCEEDED"
    assert time.perf_counter() - start < 3


def test_forms_that_cost_little_are_read(path: Path):
    path.write_bytes(form_fan_out(2, 3))
    assert read_pdf(path, Limits()).text == "x"


def test_a_form_that_draws_itself_is_no_endless_work(path: Path):
    kind = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</N 6 0 R>>>>"
    page = stream(b"/N Do BT /F 12 Tf 72 700 Td (Still here) Tj ET")
    path.write_bytes(one_page(page, b"/XObject<</N 6 0 R>>", stream(b"/N Do /N Do", kind)))
    assert "Still here" in read_pdf(path, Limits()).text


@pytest.mark.parametrize(
    ("limits", "named"),
    [(Limits(pages=2), "pages > 2"), (Limits(file_bytes=100), "bytes of the file > 100")],
)
def test_a_limit_is_named_in_the_refusal(path: Path, limits: Limits, named: str):
    error = refusal(article(path, pages=3), limits)
    assert (error.code, error.detail) == ("LIMIT_EXCEEDED", named)
    assert error.detail_zh != error.detail


def test_inflated_bytes_are_bounded_by_the_limits(path: Path):
    path.write_bytes(one_page(stream(zlib.compress(b" " * 90_000), b"/Filter/FlateDecode")))
    assert refusal(path, Limits(inflated_bytes=50_000)).code == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    "cipher",
    [pymupdf.PDF_ENCRYPT_AES_256, pymupdf.PDF_ENCRYPT_AES_128, pymupdf.PDF_ENCRYPT_RC4_128],
)
def test_a_locked_file_is_told_as_encrypted(path: Path, cipher: int):
    article(path, encryption=cipher, user_pw="secret", owner_pw="more secret")
    assert refusal(path).code == "PDF_ENCRYPTED"


def test_a_file_that_opens_without_a_password_is_read(path: Path):
    article(path, encryption=pymupdf.PDF_ENCRYPT_RC4_128, owner_pw="secret")
    assert "restricted diffusion" in read_pdf(path, Limits()).text


def test_a_truncated_file_is_repaired_with_a_warning_or_refused(path: Path):
    whole = article(path, pages=3).read_bytes()
    path.write_bytes(whole[: len(whole) * 9 // 10])
    assert read_pdf(path, Limits()).warnings == ("PDF_REPAIRED",)
    path.write_bytes(whole[:60])
    assert refusal(path).code == "PDF_DAMAGED"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7\nnothing more",
        b"no PDF at all",
        by_hand([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
    ],
    ids=["empty", "header only", "another kind of file", "zero pages"],
)
def test_a_file_without_pages_is_told_as_damaged(path: Path, content: bytes):
    path.write_bytes(content)
    assert refusal(path).code == "PDF_DAMAGED"


def test_a_scan_is_told_as_having_no_text(path: Path):
    document = pymupdf.open()
    grey = pymupdf.Pixmap(pymupdf.csGRAY, pymupdf.IRect(0, 0, 50, 50), False)
    grey.clear_with(128)
    document.new_page().insert_image(pymupdf.Rect(0, 0, 500, 700), pixmap=grey)
    document.save(path)
    document.close()
    assert refusal(path).code == "PDF_NO_TEXT"


def test_no_error_tells_where_the_file_lies(path: Path):
    path.write_bytes(b"%PDF-1.7\nnothing more")
    error = refusal(path)
    assert path.name not in str(error)
    assert str(path.parent) not in error.detail


def test_nothing_is_printed(path: Path, capfd: pytest.CaptureFixture[str]):
    whole = article(path).read_bytes()
    path.write_bytes(whole[: len(whole) * 9 // 10])
    read_pdf(path, Limits())
    assert capfd.readouterr() == ("", "")


def test_a_document_survives_the_way_between_processes(path: Path):
    read = read_pdf(article(path), Limits())
    assert pickle.loads(pickle.dumps(read)) == read
