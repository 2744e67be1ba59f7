import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from radcite.apps.extraction.columns import Column, numbers_in, parse_schema, stands
from radcite.apps.extraction.reading import Reader
from radcite.backends.fakes import ScriptedChat
from radcite.backends.text.bm25 import Bm25Encoder
from radcite.core.errors import RadciteError
from radcite.core.sources import Document
from radcite.core.tokens import Tokenizer
from tests.agent.scene import GivenSources

PAPERS = [
    {
        "id": "p1",
        "title": "One trial",
        "doi": "10.1/one",
        "text": "Background matters. We enrolled 1,024 patients in this randomised trial. Sensitivity was"
        " 91.5% for nodules. The scanner was a CT.",
    },
    {
        "id": "p2",
        "text": "A cohort study of MRI was performed. The number of patients enrolled was not stated.",
    },
    {"id": "p3", "text": "本研究共纳入 86 例患者。敏感性为 0.88。"},
]
SCHEMA = {
    "type": "object",
    "properties": {
        "patients": {"type": ["integer", "null"], "description": "patients enrolled"},
        "sensitivity": {"type": "number", "description": "sensitivity"},
        "design": {
            "type": "string",
            "enum": ["randomised", "cohort"],
            "description": "study trial",
        },
        "blinded": {"type": "boolean", "description": "randomised trial"},
        "funding": {"type": "string", "description": "funding source sponsor"},
    },
}


def test_a_table_holds_values_with_quotes_and_says_what_is_not_reported(
    run: Callable[..., object], tmp_path: Path
) -> None:
    (tmp_path / "passages.jsonl").write_text("\n".join(map(json.dumps, PAPERS)), "utf-8")
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), "utf-8")
    run("ingest", "passages.jsonl")
    told = json.loads(run("extract", "schema.json", "-o", "t.csv", "--json").stdout)  # pyright: ignore
    assert (told["papers"], told["failed"]) == (3, 0)
    with (tmp_path / "t.csv").open(encoding="utf-8-sig") as lines:
        rows = {row["document"]: row for row in csv.DictReader(lines)}
    assert rows["p1"]["patients"] == "1024"
    assert rows["p1"]["patients: quote"] == "We enrolled 1,024 patients in this randomised trial."
    assert rows["p1"]["sensitivity"] == "91.5"
    assert (rows["p1"]["design"], rows["p2"]["design"]) == ("randomised", "cohort")
    assert rows["p2"]["patients"] == rows["p1"]["funding"] == "not reported"
    assert rows["p1"]["blinded"] == "needs model"
    assert rows["p1"]["patients: page"] == rows["p2"]["doi"] == "not recorded"
    run("extract", "schema.json", "-o", "t.jsonl", "--query", "nodules", "--limit", "1")
    line = json.loads((tmp_path / "t.jsonl").read_text("utf-8"))
    cell = line["cells"]["patients"]
    assert PAPERS[0]["text"][cell["start"] : cell["end"]] == cell["quote"]
    assert (line["schema"], line["document_id"]) == ("radcite.table/1", "p1")


def reader(chat: ScriptedChat) -> Reader:
    sources = GivenSources()
    return Reader(sources, Bm25Encoder(Tokenizer(), sources), "c", chat)  # pyright: ignore


def told(**cells: tuple[str, object]) -> str:
    return json.dumps(
        {
            name: {"found": True, "evidence": "E1", "quote": quote, "value": value}
            for name, (quote, value) in cells.items()
        }
    )


async def test_what_a_model_quotes_must_stand_there_and_what_it_concludes_is_marked() -> None:
    text = "We enrolled 124 patients in a double-blind trial."
    document = Document(document_id="d", text=text, language="en")
    columns = parse_schema(
        {
            "properties": {
                "patients": {"type": "integer", "description": "patients enrolled"},
                "blind": {"type": "boolean", "description": "double-blind trial"},
                "sites": {"type": "integer", "description": "trial sites"},
            }
        }
    )
    reply = told(
        patients=("124 patients", 124), blind=("double-blind", True), sites=("at 12 sites", 12)
    )
    cells = await reader(ScriptedChat([reply])).row(document, columns)
    assert (cells["patients"].status, cells["patients"].value) == ("reported", 124)
    assert text[cells["patients"].start : cells["patients"].end] == "124 patients"
    assert (cells["blind"].status, cells["blind"].value) == ("inferred", True)
    assert (cells["sites"].status, cells["sites"].value) == ("not_supported", None)


async def test_a_changed_number_is_never_reported() -> None:
    document = Document(document_id="d", text="We enrolled 124 patients.", language="en")
    columns = parse_schema(
        {"properties": {"patients": {"type": "integer", "description": "patients enrolled"}}}
    )
    reply = told(patients=("124 patients", 142))
    cells = await reader(ScriptedChat([reply])).row(document, columns)
    assert cells["patients"].status == "inferred"


def test_numbers_are_read_as_they_are_written() -> None:
    assert numbers_in("1,024 of 2048 (50.0%), −3 and CO2 at 5, 6") == [1024, 2048, 50, -3, 5, 6]
    assert numbers_in("共纳入120例患者，灵敏度为85.3%，β2微球蛋白1,024") == [120, 85.3, 1024]
    assert stands(91.5, "was 91.5%", Column(name="s", type="number"))
    assert not stands(9, "was 91.5%", Column(name="s", type="number"))


@pytest.mark.parametrize(
    "schema", [{}, [], "a", {"properties": {}}, {"properties": {"a": {"type": "array"}}}]
)
def test_a_schema_that_is_no_table_is_refused(schema: object) -> None:
    with pytest.raises(RadciteError, match="RECORD_INVALID"):
        parse_schema(schema)
