"""The parts that recipes need from an opened house."""

from pathlib import Path
from typing import TYPE_CHECKING

from radcite.apps.configuration import load_settings
from radcite.apps.grading.subjects import default_work_folder, open_subject
from radcite.apps.models import text_encoder
from radcite.apps.wiring import open_house
from radcite.core.errors import RadciteError
from radcite.core.ports import TextEncoder
from radcite.core.settings import EncoderSettings, Settings
from radcite.evals.datasets import Data
from radcite.evals.task import Context

if TYPE_CHECKING:
    from radcite.training.pairs.reranker_rows import Searched

__all__ = ["searched_here", "static_encoder"]


def static_encoder() -> TextEncoder:
    """The text encoder that radcite carries.

    Raises:
        RadciteError: `NOT_FOUND` in an installation that leaves it out.
    """
    encoder = text_encoder(Settings(encoders=EncoderSettings(text="static")))
    if encoder is None:
        raise RadciteError("NOT_FOUND", "radcite's own text encoder", "内置文本编码器")
    return encoder


async def searched_here(data: Data, out: Path, work: Path | None) -> "list[Searched]":
    """What this installation's search finds, without a reranker, for the questions a reranker is trained on.

    Raises:
        RadciteError: `NOT_FOUND` for a missing data file; `HOME_LOCKED` while another run uses the same folder.
    """
    from radcite.training.pairs.reranker_rows import searched

    place = work or default_work_folder()
    settings = load_settings({"home": place / "home"})
    encoders = settings.encoders.model_copy(update={"reranker": "none"})
    async with open_house(settings.model_copy(update={"encoders": encoders})) as house:
        context = Context(
            subject=open_subject(house), data=data, work=place, limit=None, seed=0, half="dev"
        )
        return await searched(context, out)
