"""The models the settings name: encoders, labels, judge and language model."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from radcite.apps.configuration import models_folder
from radcite.core.errors import RadciteError
from radcite.core.ports import (
    ChatModel,
    ImageEncoder,
    ImageLabeler,
    Reranker,
    SupportJudge,
    TextEncoder,
)
from radcite.core.settings import LlmSettings, Settings
from radcite.core.usage import Meter

if TYPE_CHECKING:
    from radcite.backends.chat.openai import OpenAIChat
    from radcite.backends.images.onnx import ImageModel
    from radcite.backends.text.cross_encoder import OnnxPairs

__all__ = [
    "chat_of",
    "image_encoder",
    "image_labeler",
    "reranker_of",
    "support_judge",
    "text_encoder",
]

_OPEN_CLIP = "open_clip:"


def chat_of(llm: LlmSettings, meter: Meter | None = None) -> "OpenAIChat":
    """The language model the settings name; nothing is sent yet."""
    from radcite.backends.chat.openai import OpenAIChat

    return OpenAIChat(
        base_url=llm.base_url,
        model=llm.model,
        api_key=llm.api_key,
        timeout_s=llm.timeout_seconds,
        requests_a_minute=llm.requests_per_minute,
        meter=meter,
        context_tokens=llm.context_tokens,
    )


def text_encoder(settings: Settings) -> TextEncoder | None:
    """The text encoder the settings name; None for `builtin`, `static` or `minilm` where it is not at hand.

    `builtin`: MiniLM for English where it is installed, and the static encoder for the rest.

    Raises:
        RadciteError: `NOT_FOUND` or `CONFIG_INVALID` for a folder that holds no model.
    """
    chosen, threads = settings.encoders.text, settings.encoders.threads
    match chosen:
        case "builtin":
            static, minilm = _static_encoder(threads), _minilm_encoder(threads)
            if static is None or minilm is None:
                return static or minilm
            from radcite.backends.shipped_models import shipped_turn
            from radcite.backends.text.paired import PairedTextEncoder

            return PairedTextEncoder(english=minilm, chinese=static, turn=shipped_turn())
        case "static":
            return _static_encoder(threads)
        case "minilm":
            return _minilm_encoder(threads)
        case _:
            from radcite.backends.text.model_folders import local_model
            from radcite.backends.text.onnx import OnnxTextEncoder

            return OnnxTextEncoder.from_folder(local_model(chosen), threads=threads)


def _static_encoder(threads: int | None) -> TextEncoder | None:
    from radcite.backends.shipped_models import shipped_model
    from radcite.backends.text.onnx import OnnxTextEncoder

    folder = shipped_model("text-zh-en")
    return OnnxTextEncoder.from_folder(folder, threads=threads) if folder else None


def _minilm_encoder(threads: int | None) -> TextEncoder | None:
    from radcite.backends.text.minilm import MiniLmEncoder, minilm_file

    model = minilm_file(models_folder())
    return MiniLmEncoder(model, threads=threads) if model.is_file() else None


@cache
def _pairs(folder: Path, threads: int | None) -> "OnnxPairs":
    """One session for both of its uses."""
    from radcite.backends.text.cross_encoder import OnnxPairs

    return OnnxPairs.from_folder(folder, threads=threads)


def reranker_of(settings: Settings) -> Reranker | None:
    """The reranker the settings name: `builtin` is the package's own, if it has one; None for `none`.

    Raises:
        RadciteError: `NOT_FOUND` or `CONFIG_INVALID` for a folder that holds no reranker.
    """
    from radcite.backends.shipped_models import shipped_model

    match settings.encoders.reranker:
        case "none":
            return None
        case "builtin":
            folder = shipped_model("pairs-zh-en")
        case chosen:
            folder = Path(chosen).expanduser()
    return _pairs(folder, settings.encoders.threads) if folder else None


def support_judge(settings: Settings, chat: ChatModel | None = None) -> SupportJudge:
    """The judge of claims: rules, with a model of wording: the package's own if it has one, or the served one.

    Raises:
        RadciteError: `CONFIG_INVALID` for a model that cannot be loaded, or `llm` without a served one.
    """
    from radcite.backends.shipped_models import shipped_model
    from radcite.core.grounding import RuleJudge

    match settings.judge:
        case "rules":
            return RuleJudge()
        case "builtin":
            folder = shipped_model("pairs-zh-en")
            return RuleJudge(_pairs(folder, settings.encoders.threads) if folder else None)
        case "llm" if chat is not None:
            from radcite.agent.chat_entailment import ChatEntailment

            return RuleJudge(ChatEntailment(chat))
        case "llm":
            raise RadciteError(
                "CONFIG_INVALID",
                'judge = "llm" needs a model under [llm]',
                'judge = "llm" 需要在 [llm] 中配置模型',
            )


def image_encoder(settings: Settings) -> ImageEncoder:
    """The image encoder the settings name; `builtin` is the trained one where the package has it.

    Raises:
        RadciteError: `MISSING_EXTRA` for open_clip without the extra `vision`.
    """
    chosen = settings.encoders.image
    if chosen not in {"builtin", "classical"}:
        from radcite.backends.images.open_clip import OpenClipEncoder

        return OpenClipEncoder(chosen.removeprefix(_OPEN_CLIP))
    threads = settings.encoders.threads
    model = _image_model(threads) if chosen == "builtin" else None
    if model is None:
        from radcite.backends.images.classical import ClassicalImageEncoder

        return ClassicalImageEncoder()
    from radcite.backends.images.onnx import OnnxImageEncoder

    return OnnxImageEncoder(model, lambda: _static_encoder(threads))


def image_labeler(settings: Settings) -> ImageLabeler | None:
    """What names an image's modality, body part, view and finding; None in an installation that leaves it out."""
    model = _image_model(settings.encoders.threads)
    if model is None:
        return None
    from radcite.backends.images.onnx import OnnxImageLabeler

    return OnnxImageLabeler(model)


@cache
def _image_model(threads: int | None) -> "ImageModel | None":
    """The network that encoder and labels share, loaded once in a process."""
    from radcite.backends.shipped_models import shipped_model

    folder = shipped_model("image-text")
    if folder is None:
        return None
    from radcite.backends.images.onnx import ImageModel

    return ImageModel.from_folder(folder, threads=threads)
