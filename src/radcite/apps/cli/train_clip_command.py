"""`radcite train clip`: an image encoder fine-tuned on one's own cases."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from radcite.apps.cli.train_options import (
    Bf16,
    DataFolder,
    Device,
    Epochs,
    Hpo,
    Out,
    Patience,
    Seed,
    Tensorboard,
    Wandb,
    told,
    trackers_of,
)

__all__ = ["clip"]


def clip(
    cases: Annotated[Path, typer.Argument(help="cases.jsonl with PNG or JPEG images and words.")],
    out: Out,
    base: Annotated[
        Path | None,
        typer.Option(help="Folder of an open_clip model; without one a small one from nothing."),
    ] = None,
    data: DataFolder = None,
    lock: Annotated[
        Literal["none", "image", "text"], typer.Option(help="The tower that is kept as it is.")
    ] = "none",
    epochs: Epochs = 10,
    batch: Annotated[int, typer.Option(min=2, help="Pairs set against each other.")] = 32,
    learning_rate: Annotated[float, typer.Option(min=0, help="The highest one.")] = 1e-5,
    weight_decay: Annotated[float, typer.Option(min=0, help="Of AdamW.")] = 0.1,
    patience: Patience = 0,
    seed: Seed = 0,
    device: Device = "auto",
    bf16: Bf16 = False,
    hpo: Hpo = 0,
    tensorboard: Tensorboard = False,
    wandb: Wandb = False,
) -> None:
    """An image encoder from images and the words written of them. Run it again to go on with a run that was stopped."""
    from radcite.evals.datasets import DEFAULT_FOLDER, Data
    from radcite.training.clip.recipe import FIGURE, ClipPlan, train_clip
    from radcite.training.hpo import RATES, chosen_plan

    source = Data(data or DEFAULT_FOLDER)
    plan = ClipPlan(
        lock=lock,
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        patience=patience,
        seed=seed,
        bf16=bf16,
    )
    plan = chosen_plan(
        plan,
        hpo,
        [knob for knob in RATES if knob.name != "dropout"],
        FIGURE,
        lambda tried, place: train_clip(
            cases, source, place, base=base, plan=tried, device=device, tell=told
        ),
        out,
        tell=told,
    )
    card = train_clip(
        cases,
        source,
        out,
        base=base,
        plan=plan,
        device=device,
        trackers=trackers_of(tensorboard=tensorboard, wandb=wandb),
        command=f"radcite train clip {cases.name} --lock {lock} --epochs {epochs} --seed {seed}",
        tell=told,
    )
    told(f'{card.parent.name}: for [encoders] image = "open_clip:…/{card.parent.name}"')
