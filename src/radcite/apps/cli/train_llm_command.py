"""`radcite train records` and `radcite train llm`: what a served writer is fine-tuned with."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from radcite.apps.cli.train_options import (
    DataFolder,
    Hpo,
    Patience,
    Seed,
    Tensorboard,
    Wandb,
    told,
    trackers_of,
)

__all__ = ["llm", "records"]

_Method = Literal["full", "lora", "qlora", "adalora", "ia3", "prefix"]


def records(
    out: Annotated[Path, typer.Option("--out", help="The JSONL file to write.")],
    data: DataFolder = None,
    most: Annotated[int, typer.Option(min=1, help="Records made at most.")] = 4_000,
    silent: Annotated[
        float, typer.Option(min=0, max=0.9, help="Share whose evidence does not answer.")
    ] = 0.25,
    seed: Seed = 0,
) -> None:
    """Grounded records of the free question sets, for `train llm`; needs no torch."""
    import asyncio

    from radcite.apps.training import static_encoder
    from radcite.evals.datasets import DEFAULT_FOLDER, Data
    from radcite.training.llm.grounded_rows import write_grounded

    source = Data(data or DEFAULT_FOLDER)
    made = write_grounded(source, static_encoder(), out, most=most, silent=silent, seed=seed)
    told(f"{out.name}: {asyncio.run(made)} records")


def llm(
    base: Annotated[Path, typer.Argument(help="Folder of a Hugging Face causal language model.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the run.")],
    records: Annotated[Path, typer.Option(help="Grounded records (JSONL); see the guide.")],
    data: DataFolder = None,
    method: Annotated[_Method, typer.Option(help="Which weights are trained.")] = "lora",
    rank: Annotated[int, typer.Option(min=1, help="Of LoRA; tokens of a prefix.")] = 16,
    epochs: Annotated[int, typer.Option(min=1, help="Rounds over the records.")] = 3,
    batch: Annotated[int, typer.Option(min=1, help="Records at once on each device.")] = 1,
    accumulate: Annotated[int, typer.Option(min=1, help="Batches a step.")] = 8,
    max_tokens: Annotated[int, typer.Option(min=16, help="Longer records are left out.")] = 4096,
    learning_rate: Annotated[float, typer.Option(min=0, help="The highest one.")] = 2e-4,
    weight_decay: Annotated[float, typer.Option(min=0, help="Of AdamW.")] = 0.0,
    dropout: Annotated[float, typer.Option(min=0, max=0.9, help="Of LoRA.")] = 0.05,
    label_smoothing: Annotated[float, typer.Option(min=0, max=0.5)] = 0.0,
    noise: Annotated[
        float, typer.Option(min=0, help="NEFTune's perturbation of words; 5 is usual.")
    ] = 0.0,
    patience: Patience = 0,
    seed: Seed = 0,
    packing: Annotated[bool, typer.Option("--packing", help="Several records a row.")] = False,
    gradient_checkpointing: Annotated[
        bool, typer.Option("--gradient-checkpointing", help="Less memory, more time.")
    ] = False,
    bf16: Annotated[bool, typer.Option("--bf16", help="Compute in bfloat16.")] = False,
    merge: Annotated[bool, typer.Option(help="Write the merged model too.")] = True,
    licence: Annotated[str, typer.Option(help="Of the records, for the card.")] = "",
    hpo: Hpo = 0,
    tensorboard: Tensorboard = False,
    wandb: Wandb = False,
) -> None:
    """A language model that writes cited claims, or none. Run it again to go on with a run that was stopped.

    On several GPUs: `torchrun --nproc-per-node N --no-python radcite train llm …`.
    """
    from radcite.evals.datasets import DEFAULT_FOLDER, Data
    from radcite.training.hpo import RATES, Knob, chosen_plan
    from radcite.training.llm.recipe import LlmPlan, train_llm

    plan = LlmPlan(
        method=method,
        rank=rank,
        epochs=epochs,
        batch=batch,
        accumulate=accumulate,
        max_tokens=max_tokens,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        dropout=dropout,
        label_smoothing=label_smoothing,
        noise=noise,
        patience=patience,
        seed=seed,
        packing=packing,
        checkpointing=gradient_checkpointing,
        bf16=bf16,
    )
    source = Data(data or DEFAULT_FOLDER)
    plan = chosen_plan(
        plan,
        hpo,
        (*RATES, Knob("rank", 4, 64, log=True, whole=True)),
        "eval_loss",
        lambda tried, place: train_llm(
            base, records, source, place, plan=tried, merge=False, tell=told
        ),
        out,
        lowest=True,
        tell=told,
    )
    card = train_llm(
        base,
        records,
        source,
        out,
        plan=plan,
        trackers=trackers_of(tensorboard=tensorboard, wandb=wandb),
        merge=merge,
        licence=licence,
        command=f"radcite train llm {base.name} --records {records.name} --method {method}",
        tell=told,
    )
    told(f"{card.parent.name}: adapter, merged model, figures, curves and README.md")
