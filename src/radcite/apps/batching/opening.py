"""A batch over an opened house."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from radcite import __version__
from radcite.apps.asking import AskOptions, open_asker
from radcite.apps.batching.budget import Bounds, Prices
from radcite.apps.batching.results import Made
from radcite.apps.batching.run import Batch, BatchReport, run_batch
from radcite.apps.wiring import House

if TYPE_CHECKING:
    from radcite.apps.batching.ray_asker import RayAskers

__all__ = ["made_by", "run_in_house", "usual_jobs"]

_WITH_A_MODEL = 32
_EMBEDDED = 4


def usual_jobs(house: House) -> int:
    """Questions under way at once: a server is kept full, the embedded writer keeps its own cores busy."""
    return _EMBEDDED if house.settings.llm is None else _WITH_A_MODEL


async def made_by(house: House, collection: str) -> Made:
    """What answers in this house."""
    counts = await house.ledger.counts(collection)
    text = house.text_encoder
    return Made(
        radcite=__version__,
        model=house.chat.name if house.chat else "extractive",
        parts={
            "sparse": house.sparse.fingerprint,
            "text": text.fingerprint if text else "none",
            "image": house.image_encoder.fingerprint,
            "judge": house.judge.fingerprint,
        },
        collection=f"{collection}: "
        + ", ".join(f"{number} {what}" for what, number in sorted(counts.items())),
    )


async def run_in_house(
    house: House,
    questions: Path,
    output: Path,
    *,
    defaults: AskOptions,
    jobs: int | None = None,
    bounds: Bounds | None = None,
    again: bool = False,
    tell: Callable[[int], None] | None = None,
    elsewhere: "RayAskers | None" = None,
) -> BatchReport:
    """Run a batch with the engines, the prices and the meter of the house; `elsewhere` answers in its stead.

    Raises:
        RadciteError: As `run_batch`.
    """
    llm = house.settings.llm
    prices = Prices(prompt=llm.prompt_price, reply=llm.reply_price) if llm else Prices()
    opened = elsewhere.asker(house) if elsewhere else open_asker(house, threads=False)
    async with opened as answer:
        return await run_batch(
            Batch(
                answer=answer,
                questions=questions,
                output=output,
                defaults=defaults,
                jobs=elsewhere.jobs if elsewhere else jobs or usual_jobs(house),
                bounds=bounds or Bounds(),
                prices=prices,
                meter=house.meter,
                made=await made_by(house, defaults.collection),
                again=again,
                tell=tell,
            )
        )
