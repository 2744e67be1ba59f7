import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from radcite import Radcite
from radcite.core.errors import RadciteError
from radcite.core.sources import Passage

TEXTS = {
    "effusion": "About 200 mL of pleural fluid blunts the costophrenic angle on an upright chest radiograph.",
    "markup": "A <b>pneumothorax</b> | is [treated](x) with a chest drain in unstable patients.",
    "zh": "直立位胸片上约需 200 毫升胸腔积液才能使肋膈角变钝。",
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radcite]:
    folder = tmp_path_factory.mktemp("facade")
    lines = [
        json.dumps({"id": name, "text": text, "title": f"On {name}", "doi": f"10.1/{name}"})
        for name, text in TEXTS.items()
    ]
    (folder / "passages.jsonl").write_text("\n".join(lines), "utf-8")
    with Radcite(folder / "home") as radcite:
        taken = radcite.ingest(folder / "passages.jsonl")
        assert taken.report.documents == len(TEXTS)
        assert "3 documents" in str(taken)
        yield radcite


QUESTION = "How much pleural fluid blunts the costophrenic angle?"


def test_importing_the_package_loads_no_engine() -> None:
    code = "import radcite, sys; print(radcite.__version__, 'radcite.apps' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split()[1] == "False"


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    import radcite

    with pytest.raises(AttributeError, match="nothing"):
        radcite.nothing  # noqa: B018


def test_an_answer_shows_its_words_quotes_and_works(opened: Radcite) -> None:
    reply = opened.ask(QUESTION)
    assert reply.answered
    assert "200 mL" in str(reply)
    assert reply.to_dict()["kind"] == "answer"
    assert reply.works[0].source.kind == "passage"
    for shown in (reply._repr_markdown_(), reply._repr_html_()):
        assert "200 mL" in shown
        assert "doi:10.1/effusion" in shown


def test_an_abstention_is_a_reply_in_the_language_asked(opened: Radcite) -> None:
    reply = opened.ask("儿童中耳炎推荐使用哪种抗生素？")
    assert not reply.answered
    assert reply.claims == reply.works == ()
    assert "未报告" in reply._repr_markdown_()
    assert "未报告" in reply._repr_html_()


def test_what_a_source_says_is_shown_and_never_obeyed(opened: Radcite) -> None:
    hits = opened.search("chest drain for an unstable pneumothorax")
    assert "<b>" not in hits._repr_html_()
    assert "&lt;b&gt;pneumothorax" in hits._repr_html_()
    assert "\\[treated\\](x)" in hits._repr_markdown_()


def test_a_search_is_a_sequence_of_hits(opened: Radcite) -> None:
    hits = opened.search(QUESTION, limit=2)
    assert len(hits) == 2
    assert isinstance(hits[0].source, Passage)
    assert hits[:1] == hits.found[:1]
    assert hits.to_dicts()[0]["source"]["document_id"] == "effusion"


async def test_the_async_twins_work_in_any_loop_and_at_once(opened: Radcite) -> None:
    replies = await asyncio.gather(*(opened.aask(QUESTION) for _ in range(3)))
    assert all(reply.answered for reply in replies)
    assert len(await opened.asearch(QUESTION, limit=1)) == 1


async def test_the_graph_runs_in_the_callers_loop(opened: Radcite) -> None:
    state = await opened.graph.ainvoke({"text": QUESTION})
    assert "200 mL" in state["outcome"].claims[0].text


async def test_llama_index_takes_the_retriever_and_the_query_engine(opened: Radcite) -> None:
    nodes = opened.as_retriever(limit=1).retrieve(QUESTION)
    assert nodes[0].node.metadata["document_id"] == "effusion"
    assert (await opened.as_retriever().aretrieve(QUESTION))[0].score == pytest.approx(
        nodes[0].score
    )
    engine = opened.as_query_engine()
    response = engine.query(QUESTION)
    assert "200 mL" in str(response)
    assert response.source_nodes[0].node.metadata["doi"] == "10.1/effusion"
    silent = await engine.aquery("Which antibiotic treats otitis media in a child?")
    assert silent.source_nodes == []
    assert silent.metadata["outcome"]["kind"] == "abstention"


def test_a_second_owner_of_a_folder_is_refused_and_closing_frees_it(tmp_path: Path) -> None:
    first, second = Radcite(tmp_path), Radcite(tmp_path)
    assert len(first.search("anything")) == 0
    with pytest.raises(RadciteError, match="HOME_LOCKED"):
        second.search("anything")
    first.close()
    first.close()
    assert len(second.search("anything")) == 0
    second.close()


def test_what_cannot_be_asked_is_refused_by_the_name_of_its_field(opened: Radcite) -> None:
    wrong: Any = "nonsense"
    with pytest.raises(RadciteError, match="VALIDATION: task"):
        opened.ask(QUESTION, task=wrong)
    with pytest.raises(RadciteError, match="VALIDATION: what"):
        opened.search(QUESTION, what=wrong)
    with pytest.raises(RadciteError, match="VALIDATION: limit") as refused:
        opened.search(QUESTION, limit=0)
    assert refused.value.detail_zh == "limit：取值无效"
    with pytest.raises(RadciteError, match="VALIDATION: a"):
        opened.search("")


def test_a_collection_that_there_is_none_of_is_not_taken_for_an_empty_one(opened: Radcite) -> None:
    with pytest.raises(RadciteError, match="NOT_FOUND: collection libb"):
        opened.ask(QUESTION, collection="libb")
    with pytest.raises(RadciteError, match="NOT_FOUND: collection libb"):
        opened.search(QUESTION, collection="libb")


@pytest.mark.parametrize("jobs", [0, -1])
def test_files_are_not_read_less_than_one_at_a_time(tmp_path: Path, jobs: int) -> None:
    (tmp_path / "note.md").write_text("A nodule that grows is followed up with CT.", "utf-8")
    with Radcite(tmp_path / "home") as radcite:
        with pytest.raises(RadciteError, match="VALIDATION: jobs"):
            radcite.ingest(tmp_path / "note.md", jobs=jobs)
        assert radcite.ingest(tmp_path / "note.md").report.documents == 1
        with pytest.raises(RadciteError, match="VALIDATION: jobs"):
            radcite.ingest(tmp_path / "note.md", jobs=jobs)


async def test_what_was_closed_says_so_and_does_not_open_the_folder_again(tmp_path: Path) -> None:
    with Radcite(tmp_path) as used:
        assert len(used.search("anything")) == 0
        retriever = used.as_retriever()
    untouched = Radcite(tmp_path)
    untouched.close()
    for closed in (used, untouched):
        with pytest.raises(RadciteError, match="VALIDATION: this Radcite was closed"):
            closed.search("anything")
        with pytest.raises(RadciteError, match="VALIDATION: this Radcite was closed"):
            await closed.aask("anything")
    with pytest.raises(RadciteError, match="VALIDATION: this Radcite was closed"):
        retriever.retrieve("anything")
    with Radcite(tmp_path) as other:
        assert len(other.search("anything")) == 0


def test_a_program_that_never_closes_ends_by_itself_and_quietly(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text("A nodule that grows is followed up with CT.", "utf-8")
    code = (
        "from radcite import Radcite; r = Radcite('home'); r.ingest('note.md');"
        " r.ask('what is a nodule'); print(len(r.search('nodule')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60
    )
    assert told.stdout.strip() == "1"
    assert (told.returncode, told.stderr) == (0, "")
