"""`radcite train tower`: the image tower from its pixels on, and how good the recipe is by folds."""

from typing import Annotated

import typer

from radcite.apps.cli.train_options import (
    Bf16,
    DataFolder,
    Device,
    Epochs,
    Out,
    Seed,
    told,
)

__all__ = ["tower"]


def tower(
    out: Out,
    data: DataFolder = None,
    epochs: Epochs = 60,
    batch: Annotated[int, typer.Option(min=2, help="Images a step, two looks of each.")] = 64,
    rate: Annotated[float, typer.Option(min=0, help="The trunk's highest learning rate.")] = 4e-4,
    folds: Annotated[
        int,
        typer.Option(min=0, help="Instead: figures of so many towers that each leave a part out."),
    ] = 0,
    seed: Seed = 0,
    device: Device = "auto",
    bf16: Bf16 = False,
) -> None:
    """The image tower from its pixels on, for `train image --tower`. Run it again to go on with a run."""
    from radcite.apps.training import static_encoder
    from radcite.evals.datasets import DEFAULT_FOLDER, Data
    from radcite.training.devices import device_of
    from radcite.training.extra import need
    from radcite.training.image.features import TRUNK
    from radcite.training.image.folds import figures_of, folded
    from radcite.training.image.tuned_tower import TOWER, read_pictures, save_tower, trained
    from radcite.training.run_folder import clear_run

    need("torch", "safetensors")
    from radcite.training.image.tuning import Machine, TunePlan

    source, text = Data(data or DEFAULT_FOLDER), static_encoder()
    trunk, pictures = source.file(TRUNK), read_pictures(source)
    plan = TunePlan(epochs=epochs, batch=batch, trunk_rate=rate, seed=seed)
    machine = Machine(device_of(device), bf16)
    if folds:
        files = folded(pictures, text, trunk, plan, folds, out, machine=machine, tell=told)
        for one in figures_of(pictures, files):
            low, high = one.interval or (0.0, 1.0)
            told(f"{one.name}, {one.on}: {one.value:.3f} ({low:.3f} to {high:.3f}) of {one.n}")
        return
    learned = pictures.places("train")
    told(f"{len(learned)} images to learn from")
    made = trained(pictures, learned, text, trunk, plan, machine=machine, out=out, tell=told)
    precision = " --bf16" if bf16 else ""
    command = (
        f"radcite train tower --epochs {epochs} --batch {batch} --rate {rate} --seed {seed}"
        f" --device {machine.device}{precision}"
    )
    save_tower(made, trunk, plan, out / TOWER, command)
    clear_run(out)
    told(f"{TOWER}: for radcite train image --tower {out.name}/{TOWER}")
