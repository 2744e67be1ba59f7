import asyncio
import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from radcite.core.errors import RadciteError
from radcite.ingestion.archive import extract_archive, is_archive, open_archive
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.images import encode_png, is_image, read_image

LIMITS = Limits()
GREY = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5


def saved(path: Path, image: Image.Image, **options: object) -> Path:
    image.save(path, **options)
    return path


def test_a_grey_png_is_read_as_it_is(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", Image.fromarray(GREY))

    assert np.array_equal(read_image(path, LIMITS), GREY)


def test_content_decides_not_the_name(tmp_path: Path) -> None:
    png = saved(tmp_path / "a.png", Image.fromarray(GREY)).rename(tmp_path / "report.pdf")
    text = tmp_path / "b.png"
    text.write_text("not an image")

    assert is_image(png)
    assert read_image(png, LIMITS).shape == (6, 8)
    with pytest.raises(RadciteError, match="UNSUPPORTED_FILE"):
        read_image(text, LIMITS)


@pytest.mark.parametrize("full", [0xFFFF, 0x0FFF])
def test_a_sixteen_bit_png_is_scaled_by_the_depth_in_use(tmp_path: Path, full: int) -> None:
    values = np.array([[0, full // 2, full]], dtype=np.uint16)
    path = saved(tmp_path / "a.png", Image.fromarray(values))

    assert read_image(path, LIMITS).tolist() == [[0, 127, 255]]


def test_exif_orientation_is_applied_and_then_gone(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path / "a.jpg", Image.new("RGB", (8, 4), "red"), exif=exif)

    pixels = read_image(path, LIMITS)

    assert pixels.shape == (8, 4, 3)
    assert not Image.open(io.BytesIO(encode_png(pixels))).getexif()


def test_transparency_is_laid_on_black(tmp_path: Path) -> None:
    layer = np.zeros((1, 2, 4), dtype=np.uint8)
    layer[0] = [[200, 100, 50, 255], [200, 100, 50, 0]]
    path = saved(tmp_path / "a.png", Image.fromarray(layer))

    assert read_image(path, LIMITS).tolist() == [[[200, 100, 50], [0, 0, 0]]]


@pytest.mark.parametrize("mode", ["P", "1", "LA", "CMYK", "RGB"])
def test_every_mode_becomes_grey_or_rgb(tmp_path: Path, mode: str) -> None:
    name = "a.jpg" if mode == "CMYK" else "a.png"
    path = saved(tmp_path / name, Image.fromarray(GREY).convert("RGB").convert(mode))

    pixels = read_image(path, LIMITS)

    assert pixels.dtype == np.uint8
    assert pixels.shape in {(6, 8), (6, 8, 3)}


def test_a_damaged_image_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), dtype=np.uint8)
    for name in ("a.png", "a.jpg"):
        path = saved(tmp_path / name, Image.fromarray(noise))
        path.write_bytes(path.read_bytes()[:-900])
        with pytest.raises(RadciteError, match="IMAGE_DECODE"):
            read_image(path, LIMITS)


def test_a_claim_of_too_many_pixels_ends_before_decoding(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    )
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))

    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        read_image(path, LIMITS)


def test_an_encoded_png_holds_pixels_only(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("Patient", "Zhang San")
    path = saved(tmp_path / "a.png", Image.fromarray(GREY), pnginfo=info)

    encoded = encode_png(read_image(path, LIMITS))

    assert b"Zhang" not in encoded
    assert b"tEXt" not in encoded
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encoded))), GREY)


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


async def test_no_name_of_an_archive_reaches_the_disk(tmp_path: Path) -> None:
    members = {"../../escape": b"one", "/absolute": b"two", "folder/": b"", "Zhang^San": b"3"}
    path = zipped(tmp_path / "a.zip", members)

    async with open_archive(path, LIMITS) as files:
        extracted = [file async for file in files]
        assert [file.read_bytes() for file in extracted] == [b"one", b"two", b"3"]
        assert [file.name for file in extracted] == ["000000", "000001", "000002"]
        assert len({file.parent for file in extracted}) == 1

    assert is_archive(path)
    assert not any(file.exists() for file in extracted)


async def test_the_loop_goes_on_while_an_archive_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"one": b"1", "two": b"2"})
    async with open_archive(path, LIMITS) as files:
        for _ in range(2):
            turned = asyncio.Event()
            asyncio.get_running_loop().call_soon(turned.set)
            await anext(aiter(files))
            assert turned.is_set()


async def test_nothing_stays_of_an_archive_whose_unpacking_is_given_up(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"one": b"1", "two": bytes(8 << 20)})
    seen: list[Path] = []
    first = asyncio.Event()

    async def unpack() -> None:
        async with open_archive(path, LIMITS) as files:
            async for file in files:
                seen.append(file.parent)
                first.set()

    unpacking = asyncio.create_task(unpack())
    await first.wait()
    unpacking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await unpacking
    assert not seen[0].exists()


@pytest.mark.parametrize(
    "limits",
    [
        Limits(archive_files=2),
        Limits(archive_bytes=1_000_000),
        Limits(file_bytes=1_000_000),
    ],
)
def test_a_zip_bomb_ends_at_the_limit(tmp_path: Path, limits: Limits) -> None:
    path = zipped(tmp_path / "a.zip", {str(number): bytes(2_000_000) for number in range(3)})

    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        list(extract_archive(path, limits, into=tmp_path))


def test_a_suspicious_compression_ratio_ends_even_below_the_size_limit(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"zeros": bytes(70 << 20)})

    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        list(extract_archive(path, LIMITS, into=tmp_path))


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": bytes(range(256)) * 40})
    path.write_bytes(path.read_bytes()[:-40])

    with pytest.raises(RadciteError, match="UNSUPPORTED_FILE"):
        list(extract_archive(path, LIMITS, into=tmp_path))
