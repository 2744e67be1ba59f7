import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json

if TYPE_CHECKING:
    from radcite.core.errors import RadciteError
    from radcite.ingestion.deid.preview import Preview

app = new_app()


@app.command()
def main(
    files: Annotated[list[Path], typer.Argument(help="DICOM files.")],
    profile: Annotated[
        str | None, typer.Option(help="default, basic, or the path of a profile file.")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Show what the privacy gate does to DICOM files, value by value; nothing is written.

    What is printed under `before` identifies the patient. 显示隐私闸门对 DICOM 文件的处理，不写入任何内容；
    “之前”一栏含患者身份信息。
    """
    previews = asyncio.run(_previews(files, profile, home))
    if as_json:
        print_json({"schema": "radcite.deid/1", "files": [_json(*one) for one in previews]})
    else:
        for path, preview in previews:
            _show(path, preview)
    if any(not _read(preview) for _, preview in previews):
        raise typer.Exit(3)


async def _previews(
    files: list[Path], profile: str | None, home: Path | None
) -> "list[tuple[Path, Preview | RadciteError]]":
    from radcite.apps.configuration import home_of, load_settings, stored_secret
    from radcite.core.errors import RadciteError
    from radcite.ingestion.deid.keys import Gate
    from radcite.ingestion.deid.preview import preview_dicom
    from radcite.ingestion.deid.profile import load_profile
    from radcite.ingestion.worker import ParserPool

    settings = load_settings({"home": home})
    privacy = settings.privacy
    if profile is not None:
        privacy = privacy.model_copy(update={"profile": profile})
    load_profile(privacy.profile)
    secret = stored_secret(home_of(settings))
    gate = Gate(settings=privacy) if secret is None else Gate(secret, privacy)
    found: list[tuple[Path, Preview | RadciteError]] = []
    async with ParserPool(jobs=1) as pool:
        for path in files:
            try:
                found.append((path, await pool.run(partial(preview_dicom, gate=gate), path)))
            except RadciteError as error:
                found.append((path, error))
    return found


def _read(preview: object) -> bool:
    return not isinstance(preview, Exception)


def _json(path: Path, preview: "Preview | RadciteError") -> dict[str, object]:
    from dataclasses import asdict

    from radcite.core.errors import RadciteError

    if isinstance(preview, RadciteError):
        return {"file": str(path), "code": preview.code, "message": preview.detail}
    return {"file": str(path), **asdict(preview)}


def _show(path: Path, preview: "Preview | RadciteError") -> None:
    from rich.table import Table

    from radcite.core.errors import RadciteError

    out = console()
    if isinstance(preview, RadciteError):
        wording = preview.wording
        out.print(
            f"{path}: {preview.code} {wording.en} / {wording.zh}: {preview.detail}", markup=False
        )
        return
    table = Table("tag", "attribute / 属性", "VR", "action / 操作", "before / 之前", "after / 之后")
    private = [change for change in preview.changes if change.name == "Private"]
    for change in preview.changes:
        if change.name == "Private":
            continue
        cells = (change.path, change.name, change.vr, change.action, change.before, change.after)
        table.add_row(*(_plain(cell) for cell in cells))
    out.print(f"{path} ({preview.profile})", markup=False, highlight=False)
    out.print(table)
    if private:
        out.print(f"+ {len(private)} private attributes removed / 另删除私有属性 {len(private)} 个")


def _plain(value: str) -> str:
    from rich.markup import escape

    return escape("".join(one if one.isprintable() else "·" for one in value))
