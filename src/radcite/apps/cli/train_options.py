"""Options that the recipes of `radcite train` share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from radcite.apps.cli.output import console

if TYPE_CHECKING:
    from radcite.training.trackers import TrackerKind

__all__ = [
    "Bf16",
    "DataFolder",
    "Device",
    "Epochs",
    "Hpo",
    "Out",
    "Patience",
    "Seed",
    "Tensorboard",
    "Wandb",
    "told",
    "trackers_of",
]

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="Folder with the data sets (default ../shared/data).")
]
Out = Annotated[
    Path, typer.Option("--out", help="Folder of the run: figures, checkpoint, and the model.")
]
Epochs = Annotated[int, typer.Option(min=1, help="Rounds over the data.")]
Seed = Annotated[int, typer.Option(help="Of samples, batches and first weights.")]
Patience = Annotated[
    int,
    typer.Option(
        min=0, help="Stop after so many rounds without gain, and keep the best; 0: never."
    ),
]
Bf16 = Annotated[
    bool, typer.Option("--bf16", help="Compute in bfloat16: faster where the processor can.")
]
Device = Annotated[
    Literal["auto", "cpu", "cuda"],
    typer.Option(help="Where to compute; auto: a CUDA device if there is one."),
]
Hpo = Annotated[
    int,
    typer.Option(min=0, help="Choose the rates in so many trials on development data first."),
]
Tensorboard = Annotated[
    bool, typer.Option("--tensorboard", help="Figures as event files too, in the run's folder.")
]
Wandb = Annotated[
    bool, typer.Option("--wandb", help="Figures as an offline W&B run too, in the run's folder.")
]


def told(text: str) -> None:
    """Print a remark of a run."""
    console().print(text, highlight=False, markup=False)


def trackers_of(*, tensorboard: bool, wandb: bool) -> "list[TrackerKind]":
    """The trackers that were asked for."""
    asked: dict[TrackerKind, bool] = {"tensorboard": tensorboard, "wandb": wandb}
    return [kind for kind, wanted in asked.items() if wanted]
