from pathlib import Path
from typing import Annotated

import typer

from radcite.apps.cli.options import new_app
from radcite.apps.cli.train_clip_command import clip
from radcite.apps.cli.train_llm_command import llm, records
from radcite.apps.cli.train_options import (
    DataFolder,
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
from radcite.apps.cli.train_pairs_command import recipe
from radcite.apps.cli.train_tower_command import tower as tower_command

app = new_app(
    "Fine-tuning, and the making of the models that radcite carries; needs the extra `train`."
)


_AGAIN = "Run it again to go on with a run that was stopped."


@app.callback()
def _recipes() -> None:
    """A command a recipe."""


@app.command()
def retriever(
    out: Out,
    data: DataFolder = None,
    epochs: Epochs = 6,
    seed: Seed = 0,
    patience: Patience = 0,
    hpo: Hpo = 0,
    tensorboard: Tensorboard = False,
    wandb: Wandb = False,
) -> None:
    """The bilingual text encoder. Run it again to go on with a run that was stopped."""
    from radcite.evals.datasets import DEFAULT_FOLDER, Data
    from radcite.training.extra import need
    from radcite.training.hpo import Knob, chosen_plan
    from radcite.training.retriever.recipe import train_retriever

    need("torch")
    from radcite.training.retriever.student import Plan

    source = Data(data or DEFAULT_FOLDER)
    plan = chosen_plan(
        Plan(epochs=epochs, seed=seed, patience=patience),
        hpo,
        (Knob("learning_rate", 1e-3, 2e-2, log=True), Knob("contrast", 0.1, 2.0, log=True)),
        "dev",
        lambda tried, place: train_retriever(source, place, plan=tried, tell=told),
        out,
        tell=told,
    )
    card = train_retriever(
        source,
        out,
        plan=plan,
        trackers=trackers_of(tensorboard=tensorboard, wandb=wandb),
        command=f"radcite train retriever --epochs {epochs} --seed {seed} --patience {patience}",
        tell=told,
    )
    told(f"{card.parent.name}: model.onnx, tokenizer.json, radcite.json and README.md")


@app.command()
def image(
    out: Out,
    data: DataFolder = None,
    tower: Annotated[
        Path | None, typer.Option(help="What `train tower` made, for the embedding.")
    ] = None,
    epochs: Epochs = 40,
    seed: Seed = 0,
    patience: Patience = 0,
    hpo: Hpo = 0,
    tensorboard: Tensorboard = False,
    wandb: Wandb = False,
) -> None:
    """The image tower, its text map and its labels. Run it again to go on with a run that was stopped."""
    from radcite.apps.training import static_encoder
    from radcite.evals.datasets import DEFAULT_FOLDER, Data
    from radcite.training.extra import need
    from radcite.training.hpo import RATES, chosen_plan
    from radcite.training.image.recipe import train_image

    need("torch")
    from radcite.training.image.joint_space import JointPlan

    source, text = Data(data or DEFAULT_FOLDER), static_encoder()
    command = f"radcite train image --epochs {epochs} --seed {seed} --patience {patience}"
    if tower is not None:
        command += f" --tower {tower.name}"
    out.mkdir(parents=True, exist_ok=True)
    plan = chosen_plan(
        JointPlan(epochs=epochs, seed=seed, patience=patience),
        hpo,
        RATES,
        "dev",
        lambda tried, place: train_image(
            source, place, text, tried, tower=tower, kept=out, command=command, tell=told
        ),
        out,
        tell=told,
    )
    card = train_image(
        source,
        out,
        text,
        plan,
        tower=tower,
        trackers=trackers_of(tensorboard=tensorboard, wandb=wandb),
        command=command,
        tell=told,
    )
    told(f"{card.parent.name}: model.onnx, text.npy, radcite.json and README.md")


@app.command()
def turn(
    out: Annotated[Path, typer.Option("--out", help="The file, `turn.npy` beside the encoder.")],
    data: DataFolder = None,
) -> None:
    """The turn that brings the carried text encoder onto MiniLM's axes; needs no torch."""
    import asyncio

    from radcite.apps.models import text_encoder
    from radcite.core.errors import RadciteError
    from radcite.core.settings import EncoderSettings, Settings
    from radcite.evals.datasets import DEFAULT_FOLDER, Data
    from radcite.training.retriever.turn import write_turn

    student, teacher = (
        text_encoder(Settings(encoders=EncoderSettings(text=name))) for name in ("static", "minilm")
    )
    if student is None or teacher is None:
        raise RadciteError("NOT_FOUND", "MiniLM or the static encoder", "MiniLM 或静态编码器")
    before, after = asyncio.run(write_turn(Data(data or DEFAULT_FOLDER), student, teacher, out))
    told(f"{out.name}: mean cosine to MiniLM {before:.3f} before, {after:.3f} after")


@app.command()
def emergencies(out: Out, seed: Seed = 0) -> None:
    """How emergencies are worded: what weighs with the safety rules, in both languages."""
    from radcite.agent.safety.wording import WordingModel
    from radcite.training.wording.emergencies import fit_wording, write_models

    models: list[WordingModel] = []
    for language in ("en", "zh"):
        model, figures = fit_wording(language, seed)
        models.append(model)
        for each in figures:
            told(f"{language}, {each}")
    out.mkdir(parents=True, exist_ok=True)
    write_models(models, out / "wording.json")
    told("wording.json")


@app.command()
def orders(out: Out, data: DataFolder = None, seed: Seed = 0) -> None:
    """How orders to the reader of a document are worded: such words support no claim."""
    from radcite.evals.datasets import DEFAULT_FOLDER
    from radcite.training.wording.orders import fit_orders, real_sentences, write_orders

    model, figures = fit_orders(real_sentences(data or DEFAULT_FOLDER, seed), seed)
    for each in figures:
        told(str(each))
    out.mkdir(parents=True, exist_ok=True)
    write_orders(model, out / "orders.json")
    told("orders.json")


app.command()(records)
app.command()(llm)
app.command()(clip)
app.command("tower")(tower_command)
app.command("pairs", help=f"The reranker and the judge of wording in one model. {_AGAIN}")(
    recipe("pairs", ("order", "carry"))
)
app.command("reranker", help=f"What puts the passages found in order. {_AGAIN}")(
    recipe("reranker", ("order",))
)
app.command("judge", help=f"The judge of wording, from written claims. {_AGAIN}")(
    recipe("judge", ("carry",))
)
