"""The parts under test: an opened house behind the callables that the evals grade."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from radcite.apps.asking import parts_of
from radcite.apps.configuration import load_settings
from radcite.apps.models import image_labeler
from radcite.apps.strictness import remember_strictly
from radcite.apps.wiring import House, open_house
from radcite.core.claims import Abstention, Answer
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.fusion import Fusion
from radcite.core.ports import ChatModel, Entailment, ImageEncoder
from radcite.core.pseudonym import pseudonym
from radcite.core.question import Question
from radcite.core.settings import Settings
from radcite.core.sources import Language
from radcite.evals.datasets import DEFAULT_FOLDER, Data
from radcite.evals.results import Report
from radcite.evals.subject import Alone, Confrontation, Obeyed, Search, Subject, Temptation
from radcite.evals.task import Context, Half, Task, run_task
from radcite.ingestion.report import IngestReport
from radcite.tools.cases import CaseRequest, CaseSearch
from radcite.tools.hits import Hit
from radcite.tools.literature import LiteratureRequest, LiteratureSearch

if TYPE_CHECKING:
    from radcite.agent.graph import Graph

__all__ = ["default_work_folder", "evaluate", "measuring_settings", "need_inspect", "open_subject"]


def default_work_folder() -> Path:
    """Where corpora and collections of the evals are kept between runs."""
    from platformdirs import user_cache_path

    return user_cache_path("radcite") / "evals"


def need_inspect() -> None:
    """Fail early, and say what to install.

    Raises:
        RadciteError: `MISSING_EXTRA`.
    """
    if find_spec("inspect_ai") is None:
        raise RadciteError(
            "MISSING_EXTRA",
            "question sets run under inspect_ai: install radcite[eval]",
            "题集由 inspect_ai 运行：请安装 radcite[eval]",
        )


def measuring_settings(work: Path) -> Settings:
    """The settings at hand over a data folder of its own; published pictures and texts are measured as they are."""
    privacy = {"pictures": False, "doubtful_names": "keep"}
    return load_settings({"home": work / "home", "privacy": privacy})


async def evaluate(
    task: Task,
    *,
    data: Path | None,
    work: Path,
    limit: int | None = None,
    seed: int = 0,
    half: Half = "dev",
    tell: Callable[[str, int, int], None] | None = None,
) -> Report:
    """One task against the parts that the settings choose, in a home of its own under `work`.

    Raises:
        RadciteError: As the task; `HOME_LOCKED` while another run uses the same folder.
    """
    settings = measuring_settings(work)
    async with open_house(settings) as house:
        context = Context(
            subject=open_subject(house),
            data=Data(data or DEFAULT_FOLDER),
            work=work,
            limit=limit,
            seed=seed,
            half=half,
            tell=tell or (lambda _what, _done, _total: None),
        )
        return await run_task(task, context)


def open_subject(house: House) -> Subject:
    """The house's public ingest, search and ask."""

    @cache
    def graph() -> "Graph":
        remember_strictly()
        from radcite.agent.graph import build_graph

        return build_graph()

    async def ingest(paths: Sequence[Path], collection: str, /) -> IngestReport:
        return await house.ingestor()(paths, collection)

    async def ask(question: Question, /) -> Answer | Abstention:
        from radcite.agent.ask import ask as ask_graph

        return await ask_graph(graph(), parts_of(house), question)

    async def confront(item: Confrontation, /) -> Answer | Abstention:
        from radcite.apps.grading.confronting import confront as confront_graph

        return await confront_graph(graph(), house.judge, item)

    async def obey(item: Temptation, /) -> Obeyed:
        remember_strictly()
        from radcite.agent.checkpoints import open_checkpoints
        from radcite.agent.graph import build_graph
        from radcite.apps.grading.obeying import obey as obey_graph

        async with open_checkpoints(house.threads) as checkpoints:
            return await obey_graph(house, build_graph(checkpoints), item)

    async def show(path: Path) -> str:
        (digest,) = await house.take_images([path])
        return digest

    return Subject(
        ingest=ingest,
        search={"score": _search(house, "score"), "rank": _search(house, "rank")},
        ask=ask,
        confront=confront,
        obey=obey,
        pseudonym=lambda patient: pseudonym(house.secret, "patient", patient),
        fingerprints=_fingerprints(house),
        image=house.image_encoder,
        labeler=image_labeler(house.settings),
        image_baselines=_image_baselines,
        judge=house.judge,
        second_judge=_second_judge(house.chat),
        alone=_alone(house.chat),
        show=show,
        meter=house.meter,
        text=house.text_encoder,
    )


class _Remembered(Frozen):
    answer: str


def _alone(chat: ChatModel | None) -> Alone | None:
    if chat is None:
        return None

    async def alone(text: str, language: Language, prompt: Literal["alone", "continue"], /) -> str:
        from radcite.prompts.registry import load

        asked = load(prompt, 1, language).render(question=text)
        return (await chat.complete(asked, _Remembered)).answer

    return alone


def _second_judge(chat: ChatModel | None) -> Entailment | None:
    if chat is None:
        return None
    from radcite.agent.chat_entailment import ChatEntailment

    return ChatEntailment(chat)


def _search(house: House, fusion: Fusion) -> Search:
    hybrid = replace(house.search, fusion=fusion)
    literature = LiteratureSearch(hybrid)
    cases = CaseSearch(hybrid, house.index, house.images, house.image_encoder)

    async def search(request: LiteratureRequest | CaseRequest, /) -> Sequence[Hit]:
        return await (cases(request) if isinstance(request, CaseRequest) else literature(request))

    return search


def _image_baselines(data: Data) -> dict[str, ImageEncoder]:
    from radcite.backends.images.classical import ClassicalImageEncoder
    from radcite.backends.images.mobilenet import MobileNetImageEncoder

    networks = {
        "MobileNet v1 as it is": "mobilenet_v1_1.0_224_quant_embedding_extractor",
        "MobileNet v2 as it is": "mobilenet_v2_1.0_224_quant",
    }
    return {
        "classical descriptor": ClassicalImageEncoder(),
        **{
            name: MobileNetImageEncoder(data.file(f"weights/{file}.tflite"))
            for name, file in networks.items()
        },
    }


def _fingerprints(house: House) -> dict[str, str]:
    text, reranker = house.text_encoder, house.search.reranker
    return {
        **({"reranker": reranker.fingerprint} if reranker else {}),
        "sparse": house.sparse.fingerprint,
        "text": text.fingerprint if text else "none",
        "image": house.image_encoder.fingerprint,
        "judge": house.judge.fingerprint,
        "model": house.chat.name if house.chat else "extractive",
    }
