"""Whole slides in TIFF and volumes in NIfTI, made by the suite."""

import gzip
from pathlib import Path

import numpy as np
import pytest
import tifffile

from radcite.core.errors import RadciteError
from radcite.ingestion.discovery import FoundFile, kind_of
from radcite.ingestion.limits import Limits
from radcite.ingestion.pictures.nifti import read_nifti
from radcite.ingestion.pictures.slides import read_slide
from radcite.tools.cases import CaseRequest
from tests.ingestion.studio import open_studio


def slide(path: Path, *, description: str = "Aperio |AppMag = 20|MPP = 0.5") -> Path:
    """Empty glass but for pink tissue in the lower right, with a label that names a patient."""
    picture = np.full((1792, 1792, 3), 243, dtype=np.uint8)
    picture[896:, 896:] = (200, 120, 170)
    with tifffile.TiffWriter(path) as writer:
        writer.write(
            picture, tile=(256, 256), photometric="rgb", description=description, subifds=1
        )
        writer.write(picture[::4, ::4], tile=(128, 128), photometric="rgb", subfiletype=1)
        writer.write(np.zeros((64, 64, 3), np.uint8), photometric="rgb", description="label Q. Doe")
    return path


def test_a_slide_gives_an_overview_and_tiles_of_tissue_with_their_places(tmp_path: Path) -> None:
    found = read_slide(slide(tmp_path / "a.svs"), Limits())
    overview, *tiles = found.parts
    assert found.spacing_mm == (0.0005, 0.0005)
    assert max(overview.pixels.shape) == 1024
    assert overview.box == (0.0, 0.0, 1792.0, 1792.0)
    assert [tile.box for tile in tiles] == [
        (x, y, x + 448.0, y + 448.0) for y in (896.0, 1344.0) for x in (896.0, 1344.0)
    ]
    assert {tile.pixels.shape for tile in tiles} == {(224, 224, 3)}
    assert {tile.spacing_mm for tile in tiles} == {(0.001, 0.001)}


def test_a_tiff_that_no_microscope_made_is_no_slide(tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match="UNSUPPORTED_FILE"):
        read_slide(slide(tmp_path / "a.tif", description=""), Limits())


def test_ome_units_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ome.tif"
    picture = np.full((300, 300, 3), (180, 90, 150), dtype=np.uint8)
    metadata = {"axes": "YXS", "PhysicalSizeX": 250.0, "PhysicalSizeXUnit": "nm"}
    tifffile.imwrite(path, picture, photometric="rgb", metadata=metadata)
    assert read_slide(path, Limits()).spacing_mm == (0.00025, 0.00025)


def test_damaged_and_oversized_slides_are_refused(tmp_path: Path) -> None:
    path = slide(tmp_path / "a.svs")
    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        read_slide(path, Limits(frame_pixels=100))
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(RadciteError, match="IMAGE_DECODE"):
        read_slide(path, Limits())


def volume(path: Path, *, packed: bool = False) -> Path:
    """A bright patient's-left-front-top corner, stored with axes to the left, the front and the top."""
    nibabel = pytest.importorskip("nibabel")
    values = np.zeros((20, 24, 10), dtype=np.int16)
    values[:5, 18:, :] = 1000
    values[5, 5, 5] = -5
    affine = np.diag([-2.0, 1.0, 3.0, 1.0])
    image = nibabel.Nifti1Image(values, affine)
    image.header["descrip"] = b"Doe^Jane 1961"
    content = image.to_bytes()
    path.write_bytes(gzip.compress(content) if packed else content)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_volume_is_shown_as_radiologists_read_it_with_its_orientation(
    tmp_path: Path, *, packed: bool
) -> None:
    found = read_nifti(volume(tmp_path / "any-name", packed=packed), Limits())
    assert found.orientation == "LAS"
    assert (found.spacing_mm, found.slice_spacing_mm) == ((1.0, 2.0), 3.0)
    axial, coronal, _ = found.parts
    assert [part.view for part in found.parts] == ["axial", "coronal", "sagittal"]
    assert [part.pixels.shape for part in found.parts] == [(24, 20), (10, 20), (10, 24)]
    assert (axial.spacing_mm, coronal.spacing_mm) == ((1.0, 2.0), (3.0, 2.0))
    # Stored towards the left, so index 0 is the patient's right: shown on the left, and in front on top.
    assert axial.pixels[0, 0] == 255
    assert axial.pixels[0, -1] < 10
    assert axial.pixels[-1, 0] < 10


def test_damaged_volumes_are_refused(tmp_path: Path) -> None:
    path = volume(tmp_path / "a.nii")
    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        read_nifti(path, Limits(total_pixels=100))
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(RadciteError, match="IMAGE_DECODE"):
        read_nifti(path, Limits())


async def test_slides_and_volumes_are_cases_found_by_likeness(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    slide(folder / "a.svs")
    volume(folder / "b.nii.gz", packed=True)
    kinds = [kind_of(FoundFile(path, path.name)) for path in sorted(folder.iterdir())]
    assert kinds == ["slide", "volume"]
    async with open_studio(tmp_path / "home") as studio:
        report = await studio.take(folder)
        assert (report.quarantined, report.cases, report.images) == ((), 2, 5 + 3)
        found = await studio.literature.search.index.count("default")
        assert found == 8 + 1
        first, *_ = [
            case
            for digest in {
                path.name.split(".")[0] for path in (tmp_path / "home" / "images").rglob("*.png")
            }
            for case in await studio.cases(CaseRequest(images=(digest,), limit=1))
        ]
        assert first.source.series[0].kind in {"Whole slide", "NIfTI volume"}
        assert (await studio.take(folder)).skipped == 2
        home = b"".join(p.read_bytes() for p in (tmp_path / "home").rglob("*") if p.is_file())
        assert b"Doe" not in home
