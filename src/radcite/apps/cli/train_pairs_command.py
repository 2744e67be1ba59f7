"""`radcite train pairs`, `reranker` and `judge`: one recipe for both uses of the cross-encoder, or for one of them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from radcite.apps.cli.train_options import (
    Bf16,
    DataFolder,
    Hpo,
    Out,
    Patience,
    Seed,
    Tensorboard,
    Wandb,
    told,
    trackers_of,
)

if TYPE_CHECKING:
    from radcite.training.pairs.recipe import Task

__all__ = ["recipe"]


def recipe(name: str, tasks: "tuple[Task, ...]") -> Callable[..., None]:
    """The command `name`, which trains for these tasks."""

    def run(
        out: Out,
        data: DataFolder = None,
        work: Annotated[
            Path | None,
            typer.Option(help="Where collections are kept between runs, as of `eval run`."),
        ] = None,
        first: Annotated[
            int, typer.Option(min=0, help="Question and text pairs to begin with.")
        ] = 4_000,
        rounds: Annotated[
            int, typer.Option(min=1, help="Rounds over what the search finds and what was written.")
        ] = 2,
        group: Annotated[
            int, typer.Option(min=2, max=15, help="Texts set against each other.")
        ] = 5,
        batch: Annotated[int, typer.Option(min=1, help="Such groups a step.")] = 8,
        claims: Annotated[int, typer.Option(min=1, help="Claims a step.")] = 32,
        distil: Annotated[
            int, typer.Option(min=0, help="Passes in which six layers copy twelve.")
        ] = 1,
        distil_rate: Annotated[float, typer.Option(min=0)] = 4e-4,
        learning_rate: Annotated[float, typer.Option(min=0)] = 1e-4,
        minutes: Annotated[
            float | None,
            typer.Option(min=0, help="Begin no round after so long, and write the model."),
        ] = None,
        seed: Seed = 0,
        patience: Patience = 0,
        bf16: Bf16 = False,
        hpo: Hpo = 0,
        tensorboard: Tensorboard = False,
        wandb: Wandb = False,
    ) -> None:
        import asyncio

        from radcite.apps.training import searched_here, static_encoder
        from radcite.evals.datasets import DEFAULT_FOLDER, Data
        from radcite.training.extra import need
        from radcite.training.hpo import RATES, chosen_plan
        from radcite.training.pairs.card import finish_pairs
        from radcite.training.pairs.recipe import PairsPlan, fit_pairs

        need("torch")
        source, static = Data(data or DEFAULT_FOLDER), static_encoder()
        rows = asyncio.run(searched_here(source, out, work)) if "order" in tasks else []
        asked = PairsPlan(
            tasks=tasks,
            first=first,
            rounds=rounds,
            group=group,
            batch=batch,
            claims=claims,
            distil=distil,
            distil_rate=distil_rate,
            learning_rate=learning_rate,
            seed=seed,
            patience=patience,
            bf16=bf16,
        )
        plan = chosen_plan(
            asked,
            hpo,
            RATES,
            "dev",
            lambda tried, place: fit_pairs(source, rows, place, static, plan=tried, tell=told),
            out,
            tell=told,
        )
        model, tokenizer = fit_pairs(
            source,
            rows,
            out,
            static,
            plan=plan,
            trackers=trackers_of(tensorboard=tensorboard, wandb=wandb),
            minutes=minutes,
            tell=told,
        )
        options = (
            f"--first {first} --rounds {rounds} --group {group} --batch {batch} --claims {claims}"
        )
        rates = f"--distil {distil} --distil-rate {distil_rate:g} --learning-rate {learning_rate:g}"
        limit = "" if minutes is None else f" --minutes {minutes:g}"
        command = f"radcite train {name} {options} {rates} --seed {seed}{' --bf16' if bf16 else ''}{limit}"
        card = finish_pairs(model, tokenizer, source, rows, out, plan, command=command, tell=told)
        told(f"{card.parent.name}: model.onnx, tokenizer.json, radcite.json and README.md")

    return run
