from pathlib import Path
from typing import Annotated

import typer

from radcite.apps.cli.options import AsJson, new_app
from radcite.apps.cli.output import console, print_json

app = new_app("Work with the output of `radcite batch`.")


@app.callback()
def results() -> None:
    """Work with the output of `radcite batch`."""


@app.command()
def diff(
    one: Annotated[Path, typer.Argument(help="The earlier output.")],
    other: Annotated[Path, typer.Argument(help="The later output.")],
    why: Annotated[
        str | None,
        typer.Option(help="Only what differs for this reason: evidence, prompt, model, parts, …"),
    ] = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="At most so many of each reason, drawn by --seed.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the sample.")] = 0,
    as_json: AsJson = False,
) -> None:
    """What changed between two runs of a batch, and why: evidence, prompt, model."""
    from rich.markup import escape

    from radcite.apps.batching.comparing import compare_results, sampled

    found = [change for change in compare_results(one, other) if why is None or why in change.why]
    changes = found if sample is None else sampled(found, sample, seed)
    if as_json:
        document = [change.model_dump(mode="json") for change in changes]
        print_json({"schema": "radcite.diff/1", "changes": document})
        return
    out = console()
    for change in changes:
        reason = ", ".join(change.why) or "the model answered otherwise by itself"
        out.print(f"[bold]{escape(change.id)}[/] {change.kind}: {reason}")
        for sign, texts in (("-", change.gone), ("+", change.new)):
            for text in texts:
                out.print(f"  {sign} {text}", markup=False, highlight=False)
        for sign, names in (("-", change.sources_gone), ("+", change.sources_new)):
            for name in names:
                out.print(f"    {sign} read: {name}", markup=False, highlight=False)
    shown = "" if len(changes) == len(found) else f", {len(changes)} are shown"
    out.print(f"{len(found)} questions differ{shown}")
