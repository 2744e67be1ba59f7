"""What leaves a running service: identifiers are typed, uploaded and taken in, then looked for in its logs, in every
request that reaches the language model, in replies, traces, checkpoints, caches, the audit record and exports.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

from bench.llm_server import loopback_llm
from bench.planted import Planted, planted_header, survivors
from bench.timing import Row
from tests.apps.web.serving import server_process

__all__ = ["traffic_rows"]

_PATIENT = "PAT-ZK90417"
_EVIDENCE = (
    "A pleural effusion of about 200 mL blunts the lateral costophrenic angle on an upright frontal radiograph."
    " 立位胸片上约 200 mL 胸腔积液可使肋膈角变钝。"
)
# Each `{}` is an identifier that a label, a pattern or the patient's own id gives away.
_ENGLISH = "Name: {}. MRN: {}. DOB {}. Phone {}. Mail {}. Lives at {}. SSN {}. Left pleural effusion. Dr. {} reported."
_CHINESE = "姓名：{}，住院号：{}，电话{}，身份证{}，住址：{}。左侧胸腔积液。报告医师：{}"
_ENGLISH_MARKS = (
    *("Quillfeather", "ZK77120{n}", "19{d}-12-31", "415-555-01{d}", "q{n}{d}@zk.example.org"),
    *("{d}4 Zebulon Street", "4{d}-8{n}-77{d}", "Vantongeren"),
)
_CHINESE_MARKS = ("欧阳木兰", "ZK8811{n}{d}", "138001380{d}", "", "临江市清源路{d}8号", "诸葛明远")


def traffic_rows(folder: Path) -> list[Row]:
    """How much was planted and sent, how many requests reached the model, and what survived; the goal is nothing."""
    source, home, record, log = (folder / name for name in ("source", "home", "llm", "log"))
    planted = _written(source)
    swept = [_command(home, "ingest", str(source), "--json")]
    with loopback_llm(0, 4, record) as base:
        model = {"RADCITE_LLM__BASE_URL": base, "RADCITE_LLM__MODEL": "planted"}
        with log.open("wb") as out, server_process(home, model, out) as (address, _):
            swept += _used(address, source, planted)
        swept += _commands(home, folder, planted, model)
    kept = [path for path in (*home.rglob("*"), record, log) if path.is_file()]
    swept += [path.read_bytes() + str(path.relative_to(folder)).encode() for path in kept]
    left = sorted({one for content in swept for one in survivors(content, planted)})
    sent = record.read_bytes()
    return [
        Row("planted in reports, headers, questions and requests", len(planted), "", ">= 600"),
        Row(
            "survivors in data folder, logs, replies, exports and requests to the model",
            len(left),
            "",
            "<= 0",
            ", ".join(f"{mark} ({place})" for mark, place in left[:6])
            or f"{sum(map(len, swept)):,} bytes searched, {log.stat().st_size:,} of them logs",
        ),
        Row("requests that reached the model", sent.count(b"POST "), "", ">= 1"),
    ]


def _written(source: Path) -> Planted:
    source.mkdir(parents=True)
    dataset, planted = planted_header()
    dataset.save_as(source / "header.dcm")
    cases = [
        {"case_id": f"c{n}", "patient_id": _PATIENT, "report": text, "findings": [text[:200]]}
        for n, text in enumerate(_texts(planted, range(8)))
    ]
    planted.add(_PATIENT, "patient_id")
    document = {"id": "d1", "title": "Effusion", "text": _EVIDENCE}
    for name, rows in (("cases", cases), ("passages", [document])):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (source / f"{name}.jsonl").write_text("\n".join(lines), "utf-8")
    return planted


def _texts(planted: Planted, numbers: range) -> list[str]:
    """Texts in both languages, each with identifiers of its own."""
    made: list[str] = []
    for n in numbers:
        for text, forms in ((_ENGLISH, _ENGLISH_MARKS), (_CHINESE, _CHINESE_MARKS)):
            marks = [form.format(n=n % 10, d=20 + n) for form in forms]
            marks = [mark or _national_id(n) for mark in marks]
            made.append(text.format(*(planted.add(mark, "a text") for mark in marks)))
    return made


def _national_id(n: int) -> str:
    body = f"1101051949123100{n % 10}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


def _used(address: str, source: Path, planted: Planted) -> list[bytes]:
    """The service as its users use it, with identifiers in everything they send."""
    replies: list[httpx.Response] = []
    with httpx.Client(base_url=address, timeout=180) as client:
        for text in _texts(planted, range(20, 23)):
            asked = f"{text} How much fluid blunts the costophrenic angle?"
            replies.append(client.post("/api/ask", json={"text": asked, "patient": _PATIENT}))
            replies.append(client.get("/api/search/literature", params={"query": asked}))
            replies.append(client.get("/api/search/cases", params={"query": asked}))
        with (source / "header.dcm").open("rb") as file:
            sent = {"files": ("QUOKKA VERBENA.dcm", file)}
            study = client.post("/api/studies", files=sent, data={"patient": _PATIENT})
        replies.append(study)
        [text] = _texts(planted, range(23, 24))[:1]
        said = {"model": "radcite", "messages": [{"role": "user", "content": text}]}
        replies.append(client.post("/v1/chat/completions", json=said))
        replies += [client.get(path) for path in ("/api/threads", "/api/studies", "/api/reports")]
        # Mistakes end in logs more easily than what works.
        replies.append(client.get("/api/case", params={"id": "ZK771209", "collection": "x"}))
        replies.append(client.post("/api/ask", json={"text": text, "unknown": text}))
    return [one.content for one in replies]


def _commands(home: Path, folder: Path, planted: Planted, model: Mapping[str, str]) -> list[bytes]:
    """The command line over the same folder: a question, a batch, drafted reports and exports."""
    asked = _texts(planted, range(24, 26))
    told = [_command(home, "ask", asked[0], "--patient", _PATIENT, "--json", more=model)]
    told.append(_command(home, "search", "cases", asked[1], "--json", more=model))
    rows = [{"id": str(at), "question": f"{text} 胸腔积液多少？"} for at, text in enumerate(asked)]
    questions, results = folder / "questions.jsonl", folder / "results.jsonl"
    questions.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    told.append(_command(home, "batch", str(questions), "-o", str(results), more=model))
    listed = _command(home, "report", "ls", "--json")
    for report in json.loads(listed.splitlines()[0])["reports"][:3]:
        told += [
            _command(home, "report", "export", report["report_id"], "--format", form)
            for form in ("md", "fhir")
        ]
    told += [listed, _command(home, "audit", "export"), _command(home, "ledger", "status")]
    return [*told, results.read_bytes() if results.is_file() else b""]


def _command(home: Path, *arguments: str, more: Mapping[str, str] | None = None) -> bytes:
    done = subprocess.run(
        (Path(sys.executable).with_name("radcite"), *arguments),
        env=os.environ | {"RADCITE_HOME": str(home)} | dict(more or {}),
        capture_output=True,
        check=False,
    )
    assert done.returncode in {0, 3}, done.stderr[-500:]
    return done.stdout + done.stderr
