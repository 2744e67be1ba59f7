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
    as_json: AsJson = False,
) -> None:
    """What changed between two runs of a batch, and why: evidence, words, language model."""
    from radcite.apps.comparing import compare_results

    changes = compare_results(one, other)
    if as_json:
        document = [change.model_dump(mode="json") for change in changes]
        print_json({"schema": "radcite.diff/1", "changes": document})
        return
    out = console()
    for change in changes:
        out.print(f"[bold]{change.id}[/] {change.kind}: {', '.join(change.why) or '-'}")
        for sign, texts in (("-", change.gone), ("+", change.new)):
            for text in texts:
                out.print(f"  {sign} {text}", markup=False, highlight=False)
    out.print(f"{len(changes)} questions differ")
