"""A study picked from the archive: listed, fetched, and through the same gate as one that is dropped."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from radcite.apps.sourcing import StudyChoice
from radcite.backends.remote.dicomweb import DicomWebPacs
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.pacs import PacsQuery

ORTHANC = shutil.which("Orthanc")
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
LISTED = [
    {
        "0020000D": {"vr": "UI", "Value": [f"1.2.{day}"]},
        "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Doe^Jane"}]},
        "00080020": {"vr": "DA", "Value": [f"2026010{day}"]},
        "00080061": {"vr": "CS", "Value": ["CT", "SR"]},
        "00201208": {"vr": "IS", "Value": [day]},
    }
    for day in (1, 2)
]


def archive(reply: httpx.Response, most_bytes: int = 1 << 20) -> DicomWebPacs:
    """An archive that gives one answer to everything."""
    transport = httpx.MockTransport(lambda _: reply)
    return DicomWebPacs("http://archive/dicom-web", most_bytes=most_bytes, transport=transport)


def multipart(*bodies: bytes) -> httpx.Response:
    parts = b"".join(
        b"--cut\r\nContent-Type: application/dicom\r\n\r\n" + body + b"\r\n" for body in bodies
    )
    kind = 'multipart/related; type="application/dicom"; boundary=cut'
    return httpx.Response(200, content=parts + b"--cut--\r\n", headers={"content-type": kind})


async def test_studies_are_listed_the_latest_first() -> None:
    found = await archive(httpx.Response(200, json=LISTED)).studies(PacsQuery())
    assert [one.uid for one in found] == ["1.2.2", "1.2.1"]
    assert found[0].patient_name == "Doe^Jane"
    assert found[0].modalities == ("CT", "SR")
    assert found[0].instances == 2


async def test_the_objects_of_a_study_are_written_byte_by_byte(tmp_path: Path) -> None:
    bodies = (b"one\r\n\r\n--cu", b"two\x00\r\n", b"")
    found = [path async for path in archive(multipart(*bodies)).instances("1.2.3", tmp_path)]
    assert [path.read_bytes() for path in found] == [bodies[0], bodies[1]]
    assert [path.name for path in found] == ["000000", "000001"]


@pytest.mark.parametrize("uid", ["../../etc", "1.2/instances", "", "1.2.3?x=", "1." * 40 + "1"])
async def test_what_is_no_uid_is_asked_nowhere(uid: str, tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match="VALIDATION"):
        _ = [path async for path in archive(multipart(b"x")).instances(uid, tmp_path)]


async def test_too_large_a_study_is_given_up(tmp_path: Path) -> None:
    large = archive(multipart(b"x" * 4096), most_bytes=1024)
    with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
        _ = [path async for path in large.instances("1.2.3", tmp_path)]


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(500),
        httpx.Response(401),
        httpx.Response(302, headers={"location": "http://elsewhere/"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"not": "a list"}),
    ],
)
async def test_an_archive_that_answers_otherwise_is_down(reply: httpx.Response) -> None:
    with pytest.raises(DependencyDown, match="RETRIEVAL_UNAVAILABLE"):
        await archive(reply).studies(PacsQuery())


async def test_a_long_list_is_fetched_page_by_page_and_a_busy_archive_asked_again() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        offset, limit = (int(request.url.params[name]) for name in ("offset", "limit"))
        asked.append(f"{offset}+{limit}")
        if len(asked) == 1:
            return httpx.Response(503)
        uids = [f"1.2.{number}" for number in range(offset, min(offset + limit, 230))]
        return httpx.Response(200, json=[{"0020000D": {"vr": "UI", "Value": [u]}} for u in uids])

    pacs = DicomWebPacs(
        "http://archive/dicom-web",
        most_bytes=1,
        pause_seconds=0,
        transport=httpx.MockTransport(answer),
    )
    assert len(await pacs.studies(PacsQuery(), 1_000)) == 230
    assert asked == ["0+200", "0+200", "200+200"]


@pytest.mark.parametrize("query", ["surname=Doe", "date=yesterday", "CT", "modality=CT; drop"])
def test_a_query_of_another_form_is_refused(query: str) -> None:
    with pytest.raises(RadciteError, match="VALIDATION"):
        StudyChoice(query=query)


async def test_studies_are_chosen_by_uid_or_by_query() -> None:
    chosen = StudyChoice(["1.2.1"], 'patient="Doe*" date=20200101- modality=CT')
    assert chosen.queries == [
        PacsQuery(study="1.2.1"),
        PacsQuery(patient="Doe*", date="20200101-", modality="CT"),
    ]
    assert len(await chosen.of(archive(httpx.Response(200, json=LISTED)))) == 2
    for choice, code in ((StudyChoice(), "VALIDATION"), (chosen, "NOT_FOUND")):
        with pytest.raises(RadciteError, match=code):
            await choice.of(archive(httpx.Response(204)))


@pytest.mark.skipif(
    ORTHANC is None or not PLUGIN.is_file() or not shutil.which("unshare"),
    reason="Orthanc with its DICOMweb plugin is not installed (apt install orthanc-dicomweb)",
)
def test_a_study_of_a_real_archive_is_asked_about(collection_home: Path, tmp_path: Path) -> None:
    # Debian's Orthanc listens on every address whatever it is told: it gets a network of its own.
    settings = {
        "StorageDirectory": str(tmp_path / "store"),
        "IndexDirectory": str(tmp_path / "store"),
        "HttpPort": 8042,
        "DicomServerEnabled": False,
        "RemoteAccessAllowed": True,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"radcite": "secret-of-a-test"},
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (tmp_path / "orthanc.json").write_text(json.dumps(settings))
    inside = Path(__file__).with_name("pacs_session.py")
    script = (
        f"ip link set lo up; {ORTHANC} {tmp_path}/orthanc.json > {tmp_path}/orthanc.log 2>&1 & "
        f"orthanc=$!; {sys.executable} -m tests.apps.web.{inside.stem} {collection_home} {tmp_path};"
        " code=$?; kill $orthanc; wait $orthanc; exit $code"
    )
    ran = subprocess.run(
        ["unshare", "-n", "bash", "-c", script],
        cwd=inside.parents[3],
        capture_output=True,
        text=True,
        timeout=280,
    )
    if "unshare" in ran.stderr:
        pytest.skip("no network namespace can be made here")
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    told = json.loads(ran.stdout.splitlines()[-1])
    assert told["ready"] == "ok"
    assert told["listed"] == ["CT"]
    assert told["series"] == [["CT", 1]]
    assert "PatientName" in told["removed"]
    assert told["unknown"] == "NOT_FOUND"
    relayed = told["relayed"]
    assert relayed.pop("study") == [told["uid"]]
    assert relayed == {
        "rows": [128],
        "internal": False,
        "object": True,
        "frame": True,
        "rendered": "89504e47",
        "unknown": "NOT_FOUND",
    }
    one, again, query, unknown = told["ingests"]
    assert (one["exit"], one["cases"], one["images"], one["quarantined"]) == (0, 1, 1, [])
    assert (again["exit"], again["cases"], again["skipped"]) == (0, 0, 1)
    assert (query["exit"], query["cases"], query["skipped"]) == (0, 2, 1)
    assert (unknown["exit"], unknown["code"]) == (2, "NOT_FOUND")
