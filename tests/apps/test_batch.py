import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from radcite.apps.asking import AskOptions
from radcite.apps.batch import BatchRow, read_results, read_rows, run_batch
from radcite.apps.citing import bibtex, cited_works, export, ris
from radcite.apps.comparing import compare_results
from radcite.core.claims import (
    Abstention,
    Answer,
    CharLocation,
    Citation,
    Claim,
    Evidence,
    Retrieval,
    Safety,
)
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.sources import Passage

DEFAULTS = AskOptions()


def answered(text: str) -> Answer:
    words = f"{text} is so."
    source = Passage(
        document_id=text,
        title=f"On {text}",
        text=words,
        start=0,
        end=len(words),
        language="en",
        doi=f"10.1/{text}",
        year=2024,
    )
    place = CharLocation(document_id=text, start=0, end=len(words))
    claim = Claim(
        text=words,
        about="literature",
        support="supported",
        citations=(Citation(evidence="E1", quote=words, place=place),),
    )
    found = Retrieval(tool="t", query="q", collection="c", encoder="e", score=1, rank=1)
    return Answer(
        trace_id="t",
        task="literature",
        language="en",
        safety=Safety(notice="n"),
        claims=(claim,),
        evidence=(Evidence(key="E1", source=source, retrieval=found),),
    )


def abstained() -> Abstention:
    return Abstention(
        trace_id="t",
        task="literature",
        language="en",
        safety=Safety(notice="n"),
        reason="NO_EVIDENCE",
        message="m",
    )


async def echo(options: AskOptions) -> Answer | Abstention:
    if options.text == "down":
        raise DependencyDown("LLM_UNAVAILABLE", "down")
    return abstained() if options.text == "unknown" else answered(options.text)


def rows(*texts: str) -> list[BatchRow]:
    return [BatchRow(id=f"q{i}", question=text) for i, text in enumerate(texts)]


async def test_a_second_run_answers_only_what_is_missing_or_failed(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    asked: list[str] = []

    async def counting(options: AskOptions) -> Answer | Abstention:
        asked.append(options.text)
        return await echo(options)

    first = await run_batch(
        counting, rows("a", "unknown", "down"), out, folder=tmp_path, defaults=DEFAULTS
    )
    second = await run_batch(
        counting, rows("a", "unknown", "b"), out, folder=tmp_path, defaults=DEFAULTS
    )
    assert (first.answered, first.abstained, first.failed) == (1, 1, 1)
    assert (second.answered, second.kept, second.failed) == (1, 2, 0)
    assert asked == ["a", "unknown", "down", "b"]
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert sorted(line["id"] for line in lines) == ["q0", "q1", "q2"]
    assert {line["schema"] for line in lines} == {"radcite.result/1"}


async def test_a_failed_row_has_its_code_and_the_others_are_answered(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    await run_batch(echo, rows("down", "a"), out, folder=tmp_path, defaults=DEFAULTS)
    found = read_results(out)
    assert found["q0"].error is not None
    assert found["q0"].error.code == "LLM_UNAVAILABLE"
    assert found["q1"].outcome is not None


async def test_no_more_questions_are_under_way_than_jobs(tmp_path: Path) -> None:
    under_way = peak = 0

    async def slow(options: AskOptions) -> Answer | Abstention:
        nonlocal under_way, peak
        under_way += 1
        peak = max(peak, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return answered(options.text)

    texts = [f"t{i}" for i in range(12)]
    await run_batch(
        slow, rows(*texts), tmp_path / "o.jsonl", folder=tmp_path, defaults=DEFAULTS, jobs=3
    )
    assert peak == 3


KILLED = """
    import asyncio, sys
    from pathlib import Path
    from radcite.apps.asking import AskOptions
    from radcite.apps.batch import run_batch
    from tests.apps.test_batch import answered, rows

    async def slow(options):
        await asyncio.sleep(0.003)
        return answered(options.text)

    asyncio.run(run_batch(slow, rows(*(f"t{i}" for i in range(300))), Path(sys.argv[1]),
                          folder=Path("."), defaults=AskOptions()))
"""


def test_a_run_killed_at_any_moment_is_finished_by_the_next_with_every_row_once(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(out)]
    for lines_before_kill in (1, 60, 140):
        with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as run:
            while run.poll() is None:
                if out.exists() and out.read_bytes().count(b"\n") >= lines_before_kill:
                    os.kill(run.pid, signal.SIGKILL)
                    break
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True)
    ids = [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()]
    assert sorted(ids) == sorted(f"q{i}" for i in range(300))


def test_questions_are_read_from_csv_and_jsonl_alike(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(
        "id,question,task,images\n1,肺结节怎么办,,a.png;b.png\n", encoding="utf-8-sig"
    )
    (tmp_path / "q.jsonl").write_text(
        '{"id": 1, "question": "肺结节怎么办", "images": ["a.png", "b.png"]}\n', "utf-8"
    )
    assert read_rows(tmp_path / "q.csv") == read_rows(tmp_path / "q.jsonl")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"id": "1"}\n', "row 1: question"),
        ('{"id": "1", "question": "a"}\n{"id": "1", "question": "b"}\n', "used twice"),
        ('{"id": "1", "question": "a", "task": "guess"}\n', "row 1: task"),
        ("{\n", "row 1"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, content: str, fault: str) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text(content, "utf-8")
    with pytest.raises(RadciteError, match=fault) as raised:
        read_rows(path)
    assert raised.value.code == "RECORD_INVALID"


async def test_exports_name_every_cited_work_once_and_every_question_without_an_answer(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out.jsonl"
    await run_batch(echo, rows("lung", "lung", "unknown"), out, folder=tmp_path, defaults=DEFAULTS)
    lines = list(read_results(out).values())
    works = cited_works(lines)
    assert [work.document_id for work in works] == ["lung"]
    assert "doi = {10.1/lung}" in bibtex(works)
    assert "DO  - 10.1/lung" in ris(works)
    table = export(lines, "csv")
    assert table.count("lung is so.") == 4
    assert "not answered: NO_EVIDENCE" in table


async def test_a_diff_tells_what_changed_and_why(tmp_path: Path) -> None:
    for name, texts in (("one", ("a", "b", "c")), ("two", ("a", "unknown", "x"))):
        await run_batch(echo, rows(*texts), tmp_path / name, folder=tmp_path, defaults=DEFAULTS)
    changes = compare_results(tmp_path / "one", tmp_path / "two")
    assert [(change.id, change.kind) for change in changes] == [
        ("q1", "abstained"),
        ("q2", "changed"),
    ]
    assert changes[1].gone == ("c is so.",)
    assert changes[1].new == ("x is so.",)
    assert "evidence" in changes[1].why
