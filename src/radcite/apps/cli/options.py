"""Options that several commands share, and how they open the house."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["AsJson", "Collection", "Home", "new_app"]

Home = Annotated[
    Path | None, typer.Option("--home", help="Data folder (or RADCITE_HOME).", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Collection = Annotated[str, typer.Option("--collection", help="Which collection.")]


def new_app(text: str | None = None) -> typer.Typer:
    """A command's application."""
    return typer.Typer(help=text, add_completion=False, no_args_is_help=False)
