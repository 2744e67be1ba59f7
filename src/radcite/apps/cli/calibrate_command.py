import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.options import AsJson, Collection, Home, new_app
from radcite.apps.cli.output import console, new_file, print_json

if TYPE_CHECKING:
    from radcite.apps.calibrating import Calibrated

app = new_app()


@app.command()
def calibrate(
    coverage: Annotated[
        float, typer.Option(min=0.5, max=0.99, help="How often the set is to hold the diagnosis.")
    ] = 0.9,
    picture: Annotated[
        Path | None, typer.Option(help="A new SVG file for the risk–coverage curve.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the halves.")] = 0,
    collection: Collection = "default",
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Calibrate the differential's set on the collection's own cases that have an image and a diagnosis.

    Half of the patients tell how well it holds on the other half; what later answers use is fitted on all. Calibrate
    again when the collection or the image encoder has changed.
    """
    from radcite.apps.calibrating import risk_picture

    found = asyncio.run(_run(home, collection, coverage, seed))
    if picture is not None:
        with new_file(picture) as file:
            file.write(risk_picture(found.curve).encode())
    if as_json:
        print_json({"schema": "radcite.calibration/1", **found.model_dump(mode="json")})
        return
    out, made = console(), found.calibration
    out.print(
        f"{made.cases} cases, {found.held_out} held out / {made.cases} 个病例，留出 {found.held_out} 个\n"
        f"asked {made.coverage:.0%}, covered {found.covered:.1%} / 要求 {made.coverage:.0%}，实际 {found.covered:.1%}\n"
        f"mean set {found.set_size:.2f} / 集合平均 {found.set_size:.2f}\n"
        f"diagnosis among the candidates {found.candidate:.1%} / 诊断在候选中 {found.candidate:.1%}",
        highlight=False,
    )
    if made.least is None:
        out.print(
            "This coverage cannot be reached: the diagnosis is too often no candidate."
            " / 无法达到此覆盖率：诊断常不在候选之中。"
        )
    for point in found.curve[:: max(1, len(found.curve) // 10)]:
        out.print(f"  answered {point.answered:5.0%}  risk {point.risk:5.1%}", highlight=False)


async def _run(home: Path | None, collection: str, coverage: float, seed: int) -> "Calibrated":
    from radcite.apps.calibrating import calibrate as calibrated
    from radcite.apps.configuration import load_settings
    from radcite.apps.wiring import open_house

    async with open_house(load_settings({"home": home})) as house:
        return await calibrated(house, collection, coverage, seed)
