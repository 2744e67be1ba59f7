import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from radcite.core.errors import DependencyDown, RadciteError
from radcite.evals.questions.definition import QuestionSet, question_set
from radcite.evals.questions.fetching import fetch, is_address

CONTENT = bytes(range(256)) * 64


class Served(BaseHTTPRequestHandler):
    """Breaks off halfway the first time, resumes where it is asked to, knows one path."""

    breaks = 0
    ranges: list[str | None] = []  # noqa: RUF012 - of the test's own server

    def do_GET(self) -> None:
        if self.path != "/data":
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        type(self).ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        rest = CONTENT[start:]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        if type(self).breaks:
            type(self).breaks -= 1
            self.wfile.write(rest[: len(rest) // 2])
            self.close_connection = True
            return
        self.wfile.write(rest)

    def log_message(self, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    Served.breaks, Served.ranges = 0, []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Served)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def wanted() -> QuestionSet:
    """A set whose file is what the server has."""
    known = question_set("exam-medqa-us")
    data = known.data.model_copy(update={"sha256": sha256(CONTENT).hexdigest()})
    return known.model_copy(update={"data": data})


def test_a_transfer_that_breaks_off_is_taken_up_where_it_stopped(
    address: str, wanted: QuestionSet, tmp_path: Path
) -> None:
    Served.breaks = 2
    path = fetch(tmp_path, wanted, f"{address}/data")
    assert path.read_bytes() == CONTENT
    assert Served.ranges[0] is None
    assert Served.ranges[1] == f"bytes={len(CONTENT) // 2}-"
    before = len(Served.ranges)
    assert fetch(tmp_path, wanted, f"{address}/data") == path
    assert len(Served.ranges) == before


def test_what_came_is_kept_for_the_next_run(
    address: str, wanted: QuestionSet, tmp_path: Path
) -> None:
    Served.breaks = 3
    with pytest.raises(DependencyDown, match="RETRIEVAL_UNAVAILABLE"):
        fetch(tmp_path, wanted, f"{address}/data")
    assert fetch(tmp_path, wanted, f"{address}/data").read_bytes() == CONTENT


def test_another_file_is_refused_and_removed(address: str, tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match=r"RECORD_INVALID.*needs"):
        fetch(tmp_path, question_set("exam-medqa-us"), f"{address}/data")
    assert not list((tmp_path / "downloads").iterdir())


def test_an_address_with_nothing_is_told(address: str, tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        fetch(tmp_path, question_set("exam-medqa-us"), f"{address}/other")
    assert is_address(address)
    assert not is_address("/data/file.gz")
