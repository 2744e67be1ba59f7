import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.core.audit import AuditEntry, AuditVerdict, Checkpoint

app = new_app("Verify and export the audit record. 校验并导出审计记录。")

_FAULTS = {
    "altered": ("was altered", "被改动"),
    "missing": ("is missing", "缺失"),
    "out_of_order": ("is not where it was written", "次序不符"),
    "not_signed": ("does not carry the signature of this site's key", "签名不符"),
    "cut_off": ("is the last one; the record ends before it", "之前记录已被截断"),
    "head_unreadable": ("the head (audit.head) is missing or damaged", "audit.head 缺失或损坏"),
    "unreadable": ("the record cannot be read as a whole", "记录无法完整读取"),
}


@app.command()
def verify(
    checkpoint: Annotated[
        Path | None,
        typer.Option(help="A checkpoint kept elsewhere, as `verify --json` printed it."),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Read the whole record: every event in its place, linked, signed, and none cut off the end.

    Prints the checkpoint of its last event. Exit code 3 where anything is wrong.
    """
    kept = _kept(checkpoint) if checkpoint else None
    verdict = asyncio.run(_verify(home, kept))
    if as_json:
        told = {"intact": verdict.intact, **verdict.model_dump(mode="json")}
        print_json({"schema": "radcite.audit/1", **told})
    else:
        _show(verdict)
    if not verdict.intact:
        raise typer.Exit(3)


@app.command()
def export(
    form: Annotated[
        Literal["jsonl", "fhir"],
        typer.Option("--format", help="One entry a line, or one FHIR R5 AuditEvent a line."),
    ] = "jsonl",
    start: Annotated[int, typer.Option("--from", min=1, help="The first event's number.")] = 1,
    out: Annotated[Path | None, typer.Option(help="A new file; default: standard output.")] = None,
    home: Home = None,
) -> None:
    """Write the record; that it was exported is its last event."""
    asyncio.run(_export(home, form, start, out))


async def _verify(home: Path | None, kept: "Checkpoint | None") -> "AuditVerdict":
    from radcite.apps.configuration import load_settings
    from radcite.apps.stores import audit_of

    log = audit_of(load_settings({"home": home}))
    try:
        return await log.verify(kept)
    finally:
        await log.close()


async def _export(
    home: Path | None, form: Literal["jsonl", "fhir"], start: int, out: Path | None
) -> None:
    from radcite.apps.cli.output import new_file
    from radcite.apps.configuration import load_settings
    from radcite.apps.stores import local_auditor

    async with local_auditor(load_settings({"home": home})) as by:
        await by.note("export", f"audit {form}")
        lines = _lines(by.log.entries(start), form)
        if out is None:
            async for line in lines:
                sys.stdout.write(line)
            sys.stdout.flush()
            return
        with new_file(out) as file:
            async for line in lines:
                file.write(line.encode())


async def _lines(
    entries: "AsyncIterator[AuditEntry]", form: Literal["jsonl", "fhir"]
) -> AsyncIterator[str]:
    from radcite.apps.reporting.fhir_audit import audit_event

    async for entry in entries:
        yield (audit_event(entry) if form == "fhir" else entry.model_dump_json()) + "\n"


def _kept(path: Path) -> "Checkpoint":
    import json

    from radcite.core.audit import Checkpoint
    from radcite.core.errors import RadciteError

    try:
        told = json.loads(path.read_text("utf-8"))
        return Checkpoint.model_validate(told.get("checkpoint", told))
    except FileNotFoundError as exc:
        raise RadciteError("NOT_FOUND", path.name) from exc
    except (OSError, ValueError, AttributeError) as exc:
        raise RadciteError(
            "VALIDATION", "this file holds no checkpoint", "文件中没有检查点"
        ) from exc


def _show(verdict: "AuditVerdict") -> None:
    out = console()
    for fault in verdict.faults:
        en, zh = _FAULTS[fault.kind]
        name = f"event {fault.number} / 事件 {fault.number}: " if fault.number else ""
        out.print(f"✗ {name}{en} / {zh}", highlight=False, markup=False)
    if not verdict.intact:
        return
    out.print(f"✓ {verdict.events} events, intact / {verdict.events} 个事件，完整", highlight=False)
    if point := verdict.checkpoint:
        out.print(f"  SHA-256 {point.hash}\n  Ed25519 {point.key}", highlight=False)
