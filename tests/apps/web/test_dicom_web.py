"""The connected archive through `/dicom-web`: read by whoever may, and no way to anywhere else."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from radcite.apps.configuration import load_settings
from radcite.apps.web.app import open_desk
from radcite.apps.wiring import open_house
from radcite.core.accounts import User
from tests.apps.web.scene import PASSWORD, Site, copied

STUDY = "/dicom-web/studies/1.2.3"
LISTED = [{"0020000D": {"vr": "UI", "Value": ["1.2.3"]}, "00100010": {"vr": "PN"}}]
PARTS = (b"--cut\r\nContent-Type: application/dicom\r\n\r\n" + b"x" * 300_000, b"\r\n--cut--\r\n")
MULTIPART = 'multipart/related; type="application/dicom"; boundary=cut'


class Archive(BaseHTTPRequestHandler):
    """A small archive that remembers what it was asked."""

    asked: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.asked.append((self.path, dict(self.headers.items())))
        path = self.path.partition("?")[0]
        here = f"http://{self.headers['Host']}/dicom-web"
        if path.endswith("/metadata"):
            bulk = {
                "vr": "OW",
                "BulkDataURI": f"{here}/studies/1.2.3/series/1.4/instances/1.5/bulk/7fe00010",
            }
            away = {"vr": "OW", "BulkDataURI": "http://elsewhere/secret"}
            url = {"vr": "UR", "Value": [f"{here}/studies/1.2.3", "http://elsewhere/"]}
            told: Any = [{"7FE00010": bulk, "00091010": away, "00081190": url}]
            self.answer(200, "application/dicom+json", json.dumps(told).encode())
        elif path == "/dicom-web/studies":
            self.answer(200, "application/dicom+json", json.dumps(LISTED).encode())
        elif path == "/dicom-web/studies/1.2.3":
            self.answer(200, MULTIPART, b"".join(PARTS))
        elif path.endswith("/rendered"):
            self.answer(200, "text/html", b"<script>alert(1)</script>")
        elif path.endswith("/thumbnail"):
            self.answer(302, "text/plain", b"", location="http://elsewhere/")
        elif path.endswith("/series"):
            self.answer(204, "application/dicom+json", b"")
        elif path.endswith("/1.2.9"):
            self.answer(400, "text/plain", b"Doe^Jane: bad request")
        else:
            self.answer(404, "text/plain", b"")

    def answer(self, status: int, kind: str, content: bytes, **headers: str) -> None:
        self.send_response(status)
        told = {"Content-Type": kind, "Set-Cookie": "a=b", "X-Internal": "10.0.0.7", **headers}
        for name, value in told.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing is printed."""


@pytest.fixture
def archive() -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    asked: list[tuple[str, dict[str, str]]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Archive,), {"asked": asked}))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/dicom-web/", asked
    server.shutdown()
    server.server_close()


@pytest.fixture
async def connected(
    collection_home: Path, tmp_path: Path, archive: tuple[str, object]
) -> AsyncIterator[Site]:
    """A service with users and an archive."""
    pacs = {"url": archive[0], "username": "radcite", "password": "of-the-archive"}
    settings = load_settings({"home": copied(collection_home, tmp_path / "home"), "pacs": pacs})
    async with AsyncExitStack() as closing:
        house = await closing.enter_async_context(open_house(settings))
        desk = await closing.enter_async_context(open_desk(house, guarded=True))
        for name, role in (("ann", "reader"), ("adam", "admin")):
            await house.accounts.add(User.model_validate({"name": name, "role": role}), PASSWORD)
        yield Site(desk, tmp_path)


async def test_a_study_is_searched_and_read_and_nothing_but_dicomweb_comes_through(
    connected: Site, archive: tuple[str, list[tuple[str, dict[str, str]]]]
) -> None:
    async with connected.signed_in("ann") as ann:
        ann.headers["x-mine"] = "1"
        found = await ann.get("/dicom-web/studies", params={"PatientName": "Doe*", "limit": "5"})
        assert found.json() == LISTED
        whole = await ann.get(STUDY, headers={"accept": MULTIPART.partition("; b")[0]})
        assert whole.content == b"".join(PARTS)
        assert whole.headers["content-type"] == MULTIPART
        told = (await ann.get(f"{STUDY}/metadata")).json()[0]
        none = await ann.get(f"{STUDY}/series")
    assert none.status_code == 204
    here = "http://127.0.0.1/dicom-web/studies/1.2.3"
    assert told["7FE00010"]["BulkDataURI"] == f"{here}/series/1.4/instances/1.5/bulk/7fe00010"
    assert "BulkDataURI" not in told["00091010"]
    assert told["00081190"]["Value"] == [here]
    assert not {"set-cookie", "x-internal"} & set(whole.headers)
    asked = archive[1]
    assert asked[0][0] == "/dicom-web/studies?PatientName=Doe%2A&limit=5"
    for _, headers in asked:
        assert not {"x-mine", "X-Mine", "cookie", "Cookie"} & set(headers)
        assert headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "servers",
        "studies/../../system",
        "studies/%2e%2e/%2e%2e/system",
        "studies/1.2.3/../../../instances",
        "studies/1.2.3%2f..%2f..%2fsystem",
        "studies/1.2.3@elsewhere",
        "studies/1.2.3/series/1.4/instances/1.5/bulk/%2e%2e/%2e%2e/system",
        "studies/http://elsewhere/",
        "//elsewhere/studies",
        "studies/" + "1." * 40 + "1",
        "studies/1.2.3/series/1.4/instances/1.5/frames/1,x",
    ],
)
async def test_no_other_path_reaches_the_archive(
    connected: Site, archive: tuple[str, list[tuple[str, dict[str, str]]]], path: str
) -> None:
    async with connected.signed_in("ann") as ann:
        told = await ann.get(f"/dicom-web/{path}")
        assert told.status_code in {404, 422}, told.text
        assert told.json()["code"] in {"NOT_FOUND", "VALIDATION"}
    assert archive[1] == []


async def test_what_the_archive_fails_at_is_a_typed_problem_without_its_words(
    connected: Site,
) -> None:
    async with connected.signed_in("ann") as ann:
        for path, status, code in (
            (f"{STUDY}/rendered", 503, "RETRIEVAL_UNAVAILABLE"),
            (f"{STUDY}/thumbnail", 503, "RETRIEVAL_UNAVAILABLE"),
            ("/dicom-web/studies/1.2.9", 422, "VALIDATION"),
            ("/dicom-web/studies/1.2.8", 404, "NOT_FOUND"),
            ("/dicom-web/studies?limit=100000", 422, "VALIDATION"),
            ("/dicom-web/studies?a%2Fb=1", 422, "VALIDATION"),
        ):
            told = await ann.get(path)
            assert (told.status_code, told.json()["code"]) == (status, code), path
            assert "Doe" not in told.text
            assert "script" not in told.text
        assert (await ann.post("/dicom-web/studies", content=b"")).status_code == 405


async def test_only_who_may_reads_the_archive_and_each_study_is_on_record_once(
    connected: Site,
) -> None:
    accounts = connected.desk.house.accounts
    for scopes, status in (({"ask", "upload"}, 403), ({"archive"}, 200)):
        key = await accounts.make_key("ann", frozenset(scopes))  # pyright: ignore[reportArgumentType] - a set of literals
        async with connected.client(headers={"authorization": f"Bearer {key}"}) as client:
            assert (await client.get("/dicom-web/studies")).status_code == status
            assert (await client.get(STUDY)).status_code == status
            assert (await client.get(f"{STUDY}/metadata")).status_code == status
    async with connected.client() as nobody:
        assert (await nobody.get("/dicom-web/studies")).status_code == 401
    noted = [one.event async for one in connected.desk.house.audit.entries()]
    looks = [one for one in noted if one.detail == "dicom-web" and one.action == "read"]
    assert [len(one.subjects) for one in looks] == [0, 1]
    assert "1.2.3" not in str(noted)


async def test_without_an_archive_there_is_nothing(site: Site) -> None:
    async with site.client() as client:
        told = await client.get("/dicom-web/studies")
    assert (told.status_code, told.json()["code"]) == (404, "NOT_FOUND")
