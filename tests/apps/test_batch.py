import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from radcite.apps.asking import AskOptions
from radcite.apps.batching.budget import Bounds, Prices
from radcite.apps.batching.journal import Journal, journal_of
from radcite.apps.batching.results import Made, ResultLine, read_results
from radcite.apps.batching.rows import read_rows
from radcite.apps.batching.run import Batch, BatchReport, run_batch
from radcite.apps.searching import SearchOptions, read_queries
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import DependencyDown, RadciteError
from radcite.core.usage import Meter, Usage
from tests.apps.outcomes import abstained, answered


async def echo(options: AskOptions) -> Answer | Abstention:
    if options.text == "down":
        raise DependencyDown("LLM_UNAVAILABLE", "down")
    if options.text == "bug":
        raise ZeroDivisionError
    return abstained() if options.text == "unknown" else answered(options.text)


def ask_file(folder: Path, texts: Sequence[str]) -> Path:
    path = folder / "questions.jsonl"
    rows = [{"id": f"q{i}", "question": text} for i, text in enumerate(texts)]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


async def run(folder: Path, *texts: str, **options: object) -> BatchReport:
    batch = Batch(echo, ask_file(folder, texts), folder / "out.jsonl", pause_s=0)
    return await run_batch(replace(batch, **options))


def lines_of(folder: Path) -> dict[str, ResultLine]:
    found = list(read_results(folder / "out.jsonl"))
    assert len({line.id for line in found}) == len(found)
    return {line.id: line for line in found}


async def test_a_second_run_answers_only_what_is_missing_failed_or_asked_otherwise(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    async def counting(options: AskOptions) -> Answer | Abstention:
        asked.append(options.text)
        return await echo(options)

    bounds = Bounds(retries=0)
    first = await run(tmp_path, "a", "unknown", "down", answer=counting, bounds=bounds)
    second = await run(tmp_path, "a", "unknown", "b", "c", answer=counting, bounds=bounds)
    assert (first.answered, first.abstained, first.failed) == (1, 1, 1)
    assert (second.answered, second.kept, second.failed) == (2, 2, 0)
    assert asked == ["a", "unknown", "down", "b", "c"]
    assert lines_of(tmp_path).keys() == {"q0", "q1", "q2", "q3"}
    third = await run(tmp_path, "a", answer=counting, defaults=AskOptions(collection="other"))
    assert third.answered == 1
    assert lines_of(tmp_path).keys() == {"q0"}


async def test_a_failed_row_has_its_code_and_the_others_are_answered(tmp_path: Path) -> None:
    report = await run(tmp_path, "down", "a", "bug")
    found = lines_of(tmp_path)
    assert {name: line.error and line.error.code for name, line in found.items()} == {
        "q0": "LLM_UNAVAILABLE",
        "q1": None,
        "q2": "INTERNAL",
    }
    assert report.retried == 2


async def test_a_failure_that_passes_is_tried_again_within_the_retry_budget(
    tmp_path: Path,
) -> None:
    attempts: dict[str, int] = {}

    async def weak(options: AskOptions) -> Answer | Abstention:
        attempts[options.text] = attempts.get(options.text, 0) + 1
        if attempts[options.text] < 2:
            raise DependencyDown("TIMEOUT", "slow")
        return answered(options.text)

    report = await run(tmp_path, *(f"t{i}" for i in range(12)), answer=weak, jobs=1)
    assert report.retried == 10
    assert (report.answered, report.failed) == (10, 2)


async def test_answers_without_the_model_are_counted_and_asked_again_on_demand(
    tmp_path: Path,
) -> None:
    async def degraded(options: AskOptions) -> Answer | Abstention:
        return answered(options.text).model_copy(update={"degraded": ("llm",)})

    first = await run(tmp_path, "a", "b", answer=degraded, bounds=Bounds(retries=1))
    assert (first.answered, first.degraded, first.retried) == (2, 2, 2)
    assert (await run(tmp_path, "a", "b")).kept == 2
    assert (await run(tmp_path, "a", "b", again=True)).answered == 2


async def test_a_spent_budget_stops_the_run_and_the_next_goes_on(tmp_path: Path) -> None:
    meter = Meter()

    async def costly(options: AskOptions) -> Answer | Abstention:
        meter.add(Usage(requests=1, prompt_tokens=90, reply_tokens=10, prompts=("answer.v1.en",)))
        return answered(options.text)

    made = Made(radcite="0", model="m")
    texts = [f"t{i}" for i in range(9)]
    common = {"answer": costly, "jobs": 1, "made": made, "prices": Prices(prompt=1e4, reply=1e5)}
    first = await run(tmp_path, *texts, meter=meter, bounds=Bounds(tokens=400), **common)
    assert (first.stopped, first.answered, first.left) == ("tokens", 4, 5)
    assert first.usage.tokens == 400
    assert first.cost == pytest.approx(4 * 1.9)
    line = lines_of(tmp_path)["q0"]
    assert line.usage is not None
    assert line.usage.tokens == 100
    assert line.made is not None
    assert line.made.prompts == ("answer.v1.en",)
    meter = Meter()
    second = await run(tmp_path, *texts, meter=meter, bounds=Bounds(cost=12), **common)
    assert (second.stopped, second.kept, second.answered) == ("cost", 4, 3)
    last = await run(tmp_path, *texts, bounds=Bounds(seconds=0), **common)
    assert (last.stopped, last.left) == ("time", 2)


async def test_no_more_questions_are_under_way_than_jobs(tmp_path: Path) -> None:
    under_way = peak = 0

    async def slow(options: AskOptions) -> Answer | Abstention:
        nonlocal under_way, peak
        under_way += 1
        peak = max(peak, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return answered(options.text)

    await run(tmp_path, *(f"t{i}" for i in range(12)), answer=slow, jobs=3)
    assert peak == 3


KILLED = """
    import asyncio, sys
    from pathlib import Path
    from radcite.apps.batching.run import Batch, run_batch
    from tests.apps.outcomes import answered

    async def slow(options):
        await asyncio.sleep(0.003)
        return answered(options.text)

    folder = Path(sys.argv[1])
    asyncio.run(run_batch(Batch(slow, folder / "questions.jsonl", folder / "out.jsonl")))
"""


def test_a_run_killed_at_any_moment_is_finished_by_the_next_with_every_row_once(
    tmp_path: Path,
) -> None:
    ask_file(tmp_path, [f"t{i}" for i in range(300)])
    out = tmp_path / "out.jsonl"
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)]
    for lines_before_kill in (1, 60, 140):
        with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as child:
            while child.poll() is None:
                if out.exists() and out.read_bytes().count(b"\n") >= lines_before_kill:
                    os.kill(child.pid, signal.SIGKILL)
                    break
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True)
    ids = [json.loads(line)["id"] for line in out.read_text("utf-8").splitlines()]
    assert sorted(ids) == sorted(f"q{i}" for i in range(300))


async def test_a_row_that_was_noted_but_not_yet_written_is_written_by_the_next_run(
    tmp_path: Path,
) -> None:
    await run(tmp_path, "a", "b")
    out = tmp_path / "out.jsonl"
    out.write_text(out.read_text("utf-8").splitlines()[0] + '\n{"id": "cut sho', "utf-8")
    assert (await run(tmp_path, "a", "b")).kept == 2
    assert lines_of(tmp_path).keys() == {"q0", "q1"}


async def test_an_output_without_its_journal_is_taken_over(tmp_path: Path) -> None:
    await run(tmp_path, "a", "b")
    journal_of(tmp_path / "out.jsonl").unlink()
    report = await run(tmp_path, "a", "b", "c")
    assert (report.kept, report.answered) == (2, 1)
    assert len(lines_of(tmp_path)) == 3


def test_two_runs_do_not_write_one_output(tmp_path: Path) -> None:
    first = Journal(tmp_path / "out.jsonl")
    with pytest.raises(RadciteError, match="HOME_LOCKED"):
        Journal(tmp_path / "out.jsonl")
    first.close()
    Journal(tmp_path / "out.jsonl").close()


async def test_a_full_disk_ends_the_run_with_its_code(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "out.jsonl")
    journal.expect(read_rows(ask_file(tmp_path, ["a"])), AskOptions(), again=False)
    journal.close()
    db = sqlite3.connect(journal_of(tmp_path / "out.jsonl"))
    db.execute("CREATE TRIGGER full BEFORE INSERT ON spent BEGIN SELECT 1 / 0, no_such(); END")
    db.commit()
    db.close()
    with pytest.raises(RadciteError, match="STORAGE_LOW"):
        await run(tmp_path, "a")


def test_questions_are_read_from_csv_and_jsonl_alike(tmp_path: Path) -> None:
    (tmp_path / "q.csv").write_text(
        "id,question,task,images\n1,肺结节怎么办,,a.png;b.png\n", encoding="utf-8-sig"
    )
    (tmp_path / "q.jsonl").write_text(
        '{"id": 1, "question": "肺结节怎么办", "images": ["a.png", "b.png"]}\n', "utf-8"
    )
    assert list(read_rows(tmp_path / "q.csv")) == list(read_rows(tmp_path / "q.jsonl"))


def test_a_csv_is_read_as_excel_writes_it_in_chinese_and_any_other_encoding_is_named(
    tmp_path: Path,
) -> None:
    path, text = tmp_path / "q.csv", "id,question\n1,肺结节≥8 mm怎么办\n"
    path.write_text(text, "gbk")
    assert [row.question for row in read_rows(path)] == ["肺结节≥8 mm怎么办"]
    for damaged in (
        text.encode()[:-2],
        text.encode("utf-16"),
        "id,question\n1,é ?\n".encode("cp1252"),
    ):
        path.write_bytes(damaged)
        with pytest.raises(RadciteError, match="RECORD_INVALID: q.csv: not UTF-8"):
            list(read_rows(path))
    path = path.with_suffix(".jsonl")
    path.write_text('{"id": "1", "question": "肺结节"}', "gbk")
    with pytest.raises(RadciteError, match="RECORD_INVALID: q.jsonl: not UTF-8"):
        list(read_rows(path))
    with pytest.raises(RadciteError, match="RECORD_INVALID: q.jsonl: not UTF-8"):
        list(read_queries(path, SearchOptions(what="literature")))


def test_a_csv_that_cannot_be_parted_into_cells_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("id,question\n1,a\n2," + "a" * 200_000 + "\n")
    with pytest.raises(RadciteError, match="RECORD_INVALID: after line 2"):
        list(read_rows(path))


def test_a_question_with_a_comma_out_of_quotes_is_not_asked_by_halves(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("id,question\n1,What is the sensitivity of films, ultrasound and CT?\n")
    with pytest.raises(RadciteError, match="RECORD_INVALID: row 1: more cells than columns"):
        list(read_rows(path))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"id": "1"}\n', "row 1: question"),
        ('{"id": "1", "question": "a"}\n{"id": "1", "question": "b"}\n', "used twice"),
        ('{"id": "1", "question": "a", "task": "guess"}\n', "row 1: task"),
        ("{\n", "row 1"),
    ],
)
async def test_a_bad_row_is_named_and_nothing_is_lost(
    tmp_path: Path, content: str, fault: str
) -> None:
    await run(tmp_path, "a")
    path = tmp_path / "q.jsonl"
    path.write_text(content, "utf-8")
    with pytest.raises(RadciteError, match=fault) as raised:
        await run_batch(Batch(echo, path, tmp_path / "out.jsonl"))
    assert raised.value.code == "RECORD_INVALID"
    assert lines_of(tmp_path).keys() == {"q0"}


async def test_results_hold_no_identifier_of_the_question(tmp_path: Path) -> None:
    await run(tmp_path, "Name: John Quillfeather, MRN: ZK77120. How much fluid?")
    kept = (tmp_path / "out.jsonl").read_text("utf-8")
    assert "Quillfeather" not in lines_of(tmp_path)["q0"].question
    assert "ZK77120" not in lines_of(tmp_path)["q0"].question
    assert "How much fluid?" in kept
