"""Texts of DICOM files in another character set than the file declares."""

import warnings
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import BasicTextSRStorage, ExplicitVRLittleEndian, generate_uid

from radcite.ingestion.deid.keys import Gate
from radcite.ingestion.dicom.objects import open_dicom, read_dicom
from radcite.ingestion.limits import Limits

SAID = "患者姓名：张三丰，住址：北京市海淀区中关村大街27号，电话13800138000，右肺结节"
SPECIFIC = ["", "ISO_IR 100", "ISO_IR 192", "GB18030", "GBK", "ISO_IR 6", "ISO_IR 101"]


def report(
    folder: Path, said: bytes, charset: str | list[str], name: bytes = b"Zhang^Sanfeng"
) -> Path:
    """A structured report whose bytes stand as they are given."""
    item = Dataset()
    item.ValueType = "TEXT"
    item.TextValue = "@" * len(said)
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = BasicTextSRStorage
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    made.StudyInstanceUID, made.SeriesInstanceUID = generate_uid(), generate_uid()
    made.Modality, made.PatientID = "SR", "P-4711"
    made.PatientName = "#" * len(name)
    made.ContentSequence = [item]
    if charset:
        made.SpecificCharacterSet = charset
    path = folder / "a.dcm"
    made.save_as(path, enforce_file_format=True)
    content = path.read_bytes()
    path.write_bytes(content.replace(b"@" * len(said), said).replace(b"#" * len(name), name))
    return path


def words(path: Path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return read_dicom(path, Limits(), Gate(b"k" * 32)).text


@pytest.mark.parametrize("charset", SPECIFIC)
@pytest.mark.parametrize("written", ["gb18030", "utf-8"])
def test_a_chinese_report_in_a_wrong_set_is_read_and_cleaned(
    tmp_path: Path, charset: str, written: str
) -> None:
    said = words(report(tmp_path, SAID.encode(written), charset))
    assert "右肺结节" in said
    for gone in ("张三丰", "中关村", "13800138000"):
        assert gone not in said
        for encoding in ("latin-1", "gb18030", "utf-8"):
            assert gone not in said.encode(encoding, "ignore").decode("gb18030", "ignore")
            assert gone not in said.encode(encoding, "ignore").decode("utf-8", "ignore")


def test_escapes_of_iso_2022_do_not_stay_in_texts_and_names(tmp_path: Path) -> None:
    escape = b"\x1b$)A"
    lines = b"\r\n".join(
        escape + line.encode("gb2312") for line in ("王小东，双肺清晰。", "右肺结节")
    )
    name = (
        b"Wang^XiaoDong=" + escape + "王".encode("gb2312") + b"^" + escape + "小东".encode("gb2312")
    )
    path = report(tmp_path, lines, ["", "ISO 2022 IR 58"], name)
    said = words(path)
    assert "双肺清晰" in said
    assert "右肺结节" in said
    assert "王小东" not in said
    assert "\x1b" not in said
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "\x1b" not in str(open_dicom(path, Limits()).PatientName)


@pytest.mark.parametrize(
    ("said", "written", "charset"),
    [
        ("Läsion rechts, größer; 5 ± 2 µm", "latin-1", "ISO_IR 100"),
        ("Läsion rechts, größer", "latin-1", ""),
        ("Lésion à droite, œdème".replace("œ", "oe"), "utf-8", "ISO_IR 100"),
        ("Очаг справа", "iso8859-5", "ISO_IR 144"),
        ("右肺结节，大小约8×6mm，边缘毛刺", "gb18030", "GB18030"),
        ("右肺结节，大小约8×6mm，边缘毛刺", "utf-8", "ISO_IR 192"),
        ("胸片", "gb18030", "ISO_IR 100"),
        ("L4/5椎间盘膨出", "gbk", "ISO_IR 100"),
        ("3.5℃，Ⅱ级，α波", "gb18030", "ISO_IR 100"),
        ("ねこ右肺", "utf-8", "ISO_IR 13"),
    ],
)
def test_what_a_text_says_is_kept(tmp_path: Path, said: str, written: str, charset: str) -> None:
    assert said in words(report(tmp_path, said.encode(written), charset))


def test_bytes_that_are_no_text_in_any_set_are_dropped(tmp_path: Path) -> None:
    assert words(report(tmp_path, b"\xff\xfe\x80\x81\x82\xff", "ISO_IR 192")) == ""


def test_a_file_whose_texts_fit_is_left_as_it_is(tmp_path: Path) -> None:
    path = report(tmp_path, "右肺结节".encode("gb18030"), "GB18030")
    assert open_dicom(path, Limits()).SpecificCharacterSet == "GB18030"
    assert pydicom.dcmread(path).ContentSequence[0].TextValue == "右肺结节"
