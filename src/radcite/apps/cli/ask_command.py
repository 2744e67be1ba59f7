import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

import typer

from radcite.apps.cli.options import AsJson, Collection, Home, new_app
from radcite.apps.cli.output import print_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from radcite.apps.asking import AskOptions, Hear
    from radcite.core.claims import Abstention, Answer
    from radcite.core.settings import Settings

app = new_app()


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; may be empty with an image.")] = "",
    image: Annotated[
        list[Path] | None, typer.Option("--image", help="DICOM, PNG or JPEG; repeatable.")
    ] = None,
    patient: Annotated[
        str | None, typer.Option(help="Keep this patient's own cases out of the similar cases.")
    ] = None,
    thread: Annotated[str | None, typer.Option(help="Continue a conversation.")] = None,
    task: Annotated[
        Literal["auto", "caption", "diagnosis", "literature", "consultation"], typer.Option()
    ] = "auto",
    lang: Annotated[Literal["auto", "zh", "en"], typer.Option()] = "auto",
    collection: Collection = "default",
    as_json: AsJson = False,
    stream: Annotated[bool, typer.Option("--stream", help="Tell each step on stderr.")] = False,
    home: Home = None,
) -> None:
    """Answer a question; every statement carries a citation that was checked.

    What the collection cannot support is not said: then the answer is an abstention, which is no error.
    """
    from radcite.apps.asking import AskOptions
    from radcite.apps.cli.answers import Page, outcome_asks
    from radcite.apps.configuration import load_settings

    options = AskOptions(
        text=question,
        images=tuple(image or ()),
        patient=patient,
        thread=thread or uuid4().hex,
        task=task,
        language=lang,
        collection=collection,
    )
    page = None if as_json else Page()

    def hear(step: str, change: "Mapping[str, object]") -> None:
        if stream and "claim" not in change:
            sys.stderr.write(f"{step}\n")
        if page is not None:
            page.hear(change)

    settings = load_settings({"home": home})
    outcome = asyncio.run(_ask(settings, options, hear))
    if page is None:
        asked_back = {"thread": options.thread} if outcome_asks(outcome) else {}
        document = {"schema": "radcite.outcome/1", **outcome.model_dump(mode="json"), **asked_back}
        print_json(document)
        return
    page.end(outcome)
    if not outcome_asks(outcome):
        return
    if sys.stdin.isatty() and sys.stdout.isatty():
        said = typer.prompt(">", prompt_suffix=" ")
        page = Page()
        again = options.model_copy(update={"text": said, "images": ()})
        page.end(asyncio.run(_ask(settings, again, hear)))
    else:
        sys.stderr.write(f'radcite ask "…" --thread {options.thread}\n')


async def _ask(settings: "Settings", options: "AskOptions", hear: "Hear") -> "Answer | Abstention":
    from radcite.apps.asking import open_asker
    from radcite.apps.wiring import open_house

    async with open_house(settings) as house, open_asker(house) as asker:
        return await asker(options, hear)
