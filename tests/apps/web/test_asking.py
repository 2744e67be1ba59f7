"""A question over HTTP: the events of its answer, the evidence behind each, and what stays in the thread."""

import io
import sqlite3
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from radcite.backends.state.conversations import CONVERSATIONS_SCHEMA, SqlConversations
from radcite.backends.state.database import Rows, SqliteState
from radcite.core.claims import Answer
from radcite.core.errors import DependencyDown, RadciteError
from tests.apps.web.scene import Site, events, sent_study
from tests.ingestion.studio import write_png

QUESTION = "How much pleural fluid is needed to blunt the costophrenic angle?"


async def test_the_answer_comes_as_steps_evidence_and_checked_claims(site: Site) -> None:
    async with site.client() as client:
        told = events(await client.post("/api/ask", json={"text": QUESTION}))
    names = [name for name, _ in told]
    assert names[0] == "thread"
    assert names[-1] == "done"
    assert names.index("safety") < names.index("evidence") < names.index("claim")
    done = told[-1][1]
    assert done["turn"] == 1
    outcome = Answer.model_validate({k: v for k, v in done["outcome"].items() if k != "schema"})
    assert "200 mL" in outcome.claims[0].text
    claims = [data["claim"] for name, data in told if name == "claim"]
    assert claims == [claim.model_dump(mode="json") for claim in outcome.claims]
    finished = [data["name"] for name, data in told if name == "step" and data["state"] == "done"]
    assert finished == ["intake", "plan", "retrieve", "write", "verify", "review"]


async def test_a_citation_leads_to_the_page_and_its_boxes(site: Site) -> None:
    async with site.client() as client:
        told = events(await client.post("/api/ask", json={"text": QUESTION}))
        place = next(data["citation"]["place"] for name, data in told if name == "citation")
        assert place["type"] == "page_location"
        ids = {"id": place["document_id"]}
        document = (await client.get("/api/document", params=ids)).json()
        assert document["pages"] is True
        file = await client.get("/api/document/file", params=ids)
    assert file.headers["content-type"] == "application/pdf"
    assert file.content.startswith(b"%PDF-")


async def test_what_the_collection_does_not_hold_is_an_abstention_that_says_what_was_searched(
    site: Site,
) -> None:
    question = {"text": "Which antibiotic dose is recommended for a child with otitis media?"}
    async with site.client() as client:
        name, data = events(await client.post("/api/ask", json=question))[-1]
    assert name == "done"
    assert data["outcome"]["kind"] == "abstention"
    assert data["outcome"]["searched"]


async def test_a_removed_study_leaves_neither_picture_nor_values(
    site: Site, tmp_path: Path
) -> None:
    sent = write_png(tmp_path / "own.png", 4711)
    async with site.client() as client:
        study = await sent_study(client, sent)
        digest = study["series"][0]["images"][0]["digest"]
        house = site.desk.house
        assert (await house.images.pixels(digest)).size
        removed = await client.delete(f"/api/studies/{study['study']}")
    assert removed.status_code == 204
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await house.images.pixels(digest)
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        await house.frames.frame(digest, 0)
    assert [path for path in house.home.rglob("*") if digest in path.name] == []


async def test_a_study_is_asked_about_and_its_values_can_be_windowed(site: Site) -> None:
    async with site.client() as client:
        study = await sent_study(client, site.image)
        image = study["series"][0]["images"][0]
        base = f"/api/studies/{study['study']}/images/{image['digest']}"
        picture = await client.get(f"{base}/picture")
        values = await client.get(f"{base}/frames/0")
        asked = {"text": "请描述这张胸片的所见。", "study": study["study"]}
        told = events(await client.post("/api/ask", json=asked))
    assert picture.content.startswith(b"\x89PNG")
    assert {picture.headers["cache-control"], values.headers["cache-control"]} == {"no-store"}
    assert image["kind"] == "uint16"
    stored = np.frombuffer(values.content, dtype="<u2")
    assert stored.size == image["rows"] * image["columns"]
    assert stored.max() > 255
    outcome = told[-1][1]["outcome"]
    assert (outcome["task"], outcome["language"]) == ("caption", "zh")
    assert outcome["claims"][0]["about"].startswith("case:")
    assert [name for name, _ in told].count("interrupt") == 1
    assert "PatientName" in study["gate"]["removed"]
    assert zlib.decompress(await site.desk.house.frames.frame(image["digest"], 0))


async def test_a_case_is_shown_with_its_report_and_picture(site: Site) -> None:
    async with site.client() as client:
        study = await sent_study(client, site.image)
        found = await client.get("/api/search/cases", params={"study": study["study"]})
        case = found.json()["hits"][0]["source"]
        shown = (await client.get("/api/case", params={"id": case["case_id"]})).json()
        picture = await client.get("/api/case/picture", params={"id": case["case_id"]})
        missing = await client.get("/api/case/picture", params={"id": case["case_id"], "index": 99})
    assert shown["report"] == case["report"]
    assert picture.content.startswith(b"\x89PNG")
    assert missing.status_code == 404


async def test_the_thread_keeps_its_turns_until_it_is_removed(site: Site) -> None:
    async with site.client() as client:
        first = events(await client.post("/api/ask", json={"text": QUESTION}))
        thread = first[0][1]["thread"]
        again = {"text": "立位胸片上肋膈角变钝需要多少胸腔积液？", "thread": thread}
        await client.post("/api/ask", json=again)
        judged = await client.put(
            f"/api/threads/{thread}/turns/2/feedback", json={"verdict": "up", "reason": "brief"}
        )
        turns = (await client.get(f"/api/threads/{thread}")).json()
        assert judged.status_code == 204
        assert [turn["asking"]["text"] for turn in turns] == [QUESTION, again["text"]]
        assert turns[0]["outcome"] == first[-1][1]["outcome"]
        assert turns[1]["feedback"] == {"verdict": "up", "reason": "brief"}
        assert (await client.delete(f"/api/threads/{thread}")).status_code == 204
        assert (await client.get(f"/api/threads/{thread}")).status_code == 404
        assert (await client.get("/api/threads")).json() == []


async def test_documents_that_are_added_are_found(site: Site) -> None:
    note = b"# Note\n\nThe radcite test lesion has a diameter of 37 mm in every published series."
    async with site.client() as client:
        files = [("files", ("note.md", note))]
        told = events(await client.post("/api/library", files=files, data={"collection": "added"}))
        assert told[-1][0] == "report"
        assert told[-1][1]["documents"] == 1
        query = {"query": "test lesion diameter", "collection": "added"}
        hits = (await client.get("/api/search/literature", params=query)).json()["hits"]
    assert "37 mm" in hits[0]["source"]["text"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": " "}, 422, "VALIDATION"),
        ({"text": "x", "colour": "red"}, 422, "VALIDATION"),
        ({"text": "x", "thread": "0" * 32}, 404, "NOT_FOUND"),
        ({"text": "x", "collection": "nowhere"}, 404, "NOT_FOUND"),
        ({"text": "x", "study": "0" * 32}, 404, "NOT_FOUND"),
        ({"text": "x", "images": ["0" * 64]}, 422, "VALIDATION"),
    ],
)
async def test_a_wrong_question_is_a_problem_with_a_code_in_both_languages(
    site: Site, body: dict[str, object], status: int, code: str
) -> None:
    async with site.client() as client:
        told = await client.post("/api/ask", json=body)
    problem = told.json()
    assert told.headers["content-type"] == "application/problem+json"
    assert (told.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["zh"]["title"]


async def test_a_file_that_is_no_image_is_refused_by_its_code(site: Site) -> None:
    async with site.client() as client:
        files = [("files", ("note.txt", b"words"))]
        name, data = events(await client.post("/api/studies", files=files))[-1]
    assert (name, data["code"]) == ("error", "UNSUPPORTED_FILE")


async def test_of_a_zip_with_more_refused_than_taken_the_rest_is_a_study(site: Site) -> None:
    disc = io.BytesIO()
    with zipfile.ZipFile(disc, "w") as archive:
        archive.write(site.image, "IM1")
        archive.writestr("README.TXT", "How to look at this disc.")
        archive.writestr("AUTORUN.INF", "[autorun]")
    async with site.client() as client:
        files = [("files", ("disc.zip", disc.getvalue()))]
        name, data = events(await client.post("/api/studies", files=files))[-1]
        kept = (await client.get("/api/studies")).json()
        metrics = (await client.get("/metrics")).text
    assert name == "study", data
    assert [one["study"] for one in kept] == [data["study"]["study"]]
    assert len(data["refused"]) == 2
    assert 'radcite_files_total{outcome="taken"} 1.0' in metrics
    assert 'radcite_files_total{outcome="refused"} 2.0' in metrics


async def test_a_list_with_more_bad_lines_than_files_is_reported(site: Site) -> None:
    lines = b'{"id": "one", "text": "The test lesion is round."}\nnot JSON\n{}\n'
    async with site.client() as client:
        files = [("files", ("passages.jsonl", lines))]
        told = events(await client.post("/api/library", files=files, data={"collection": "bad"}))
        metrics = (await client.get("/metrics")).text
    assert told[-1][0] == "report", told[-1]
    assert len(told[-1][1]["quarantined"]) == 2
    assert 'radcite_files_total{outcome="taken"} 1.0' in metrics


class DownState(SqliteState):
    """A database that stops to answer when a turn is to be kept."""

    def execute(self, statement: str, values: Sequence[object] = ()) -> Rows:
        if statement.startswith("INSERT INTO turns"):
            raise DependencyDown("STATE_UNAVAILABLE", "the database does not answer")
        return super().execute(statement, values)


async def test_an_answer_that_could_not_be_kept_is_not_said_to_be_done(site: Site) -> None:
    house = site.desk.house
    path = house.home / "conversations.sqlite"
    down = SqlConversations(DownState(path, CONVERSATIONS_SCHEMA))
    async with site.client() as client:
        house.conversations = down
        told = events(await client.post("/api/ask", json={"text": QUESTION}))
        await down.close()
    assert (told[-1][0], told[-1][1]["code"]) == ("error", "STATE_UNAVAILABLE")
    assert "done" not in [name for name, _ in told]


async def test_a_stream_says_it_where_the_file_of_conversations_takes_nothing(site: Site) -> None:
    path = site.desk.house.home / "conversations.sqlite"
    async with site.client() as client:
        await client.get("/api/threads")
        with sqlite3.connect(path) as file:
            file.execute(
                "CREATE TRIGGER full BEFORE INSERT ON turns BEGIN SELECT raise(ABORT, 'full'); END"
            )
        told = events(await client.post("/api/ask", json={"text": QUESTION}))
    assert (told[-1][0], told[-1][1]["code"]) == ("error", "INTERNAL")


async def test_health_names_each_dependency_and_metrics_count(site: Site) -> None:
    async with site.client() as client:
        ready = (await client.get("/health/ready")).json()
        await client.post("/api/ask", json={"text": QUESTION})
        metrics = (await client.get("/metrics")).text
    assert {"ledger", "index", "storage", "text_encoder", "llm"} <= set(ready["dependencies"])
    assert 'radcite_outcomes_total{outcome="answer",task="literature"} 1.0' in metrics
    assert QUESTION not in metrics


async def test_the_schema_is_published(site: Site) -> None:
    async with site.client() as client:
        schema = (await client.get("/api/openapi.json")).json()
    assert {"/api/ask", "/api/studies", "/api/threads/{thread}"} <= set(schema["paths"])
