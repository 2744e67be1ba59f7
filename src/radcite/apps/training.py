"""The parts that a recipe needs from an opened house."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.apps.configuration import load_settings
from radcite.apps.evaluating import default_work_folder, open_subject
from radcite.apps.models import text_encoder
from radcite.apps.wiring import open_house
from radcite.backends.shipped_models import shipped_model
from radcite.core.errors import RadciteError
from radcite.core.settings import EncoderSettings, Settings
from radcite.evals.datasets import DEFAULT_FOLDER, Data
from radcite.evals.task import Context

if TYPE_CHECKING:
    from radcite.training.reranker import RerankerPlan

__all__ = ["train_reranker_here"]


async def train_reranker_here(
    out: Path,
    plan: "RerankerPlan",
    *,
    data: Path | None,
    work: Path | None,
    command: str,
    tell: Callable[[str], None],
) -> Path:
    """Train a reranker on what this installation's search finds, without a reranker of its own.

    Raises:
        RadciteError: As the recipe; `NOT_FOUND` without the static encoder; `HOME_LOCKED` while another run uses
            the same folder.
    """
    from radcite.training.reranker import train_reranker

    folder = shipped_model("text-zh-en")
    static = text_encoder(Settings(encoders=EncoderSettings(text="static")))
    if folder is None or static is None:
        raise RadciteError("NOT_FOUND", "radcite's own text encoder", "内置文本编码器")
    place = work or default_work_folder()
    settings = load_settings({"home": place / "home"})
    encoders = settings.encoders.model_copy(update={"reranker": "none"})
    async with open_house(settings.model_copy(update={"encoders": encoders})) as house:
        context = Context(
            subject=open_subject(house),
            data=Data(data or DEFAULT_FOLDER),
            work=place,
            limit=None,
            seed=plan.seed,
            half="dev",
        )
        return await train_reranker(
            context, out, folder, static, plan=plan, command=command, tell=tell
        )
