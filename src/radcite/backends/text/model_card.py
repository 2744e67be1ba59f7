"""What an ONNX text model does not say of itself."""

from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.sources import Language

__all__ = ["CARD_FILE", "TextModelCard", "read_card"]

CARD_FILE = "radcite.json"
_Pooling = Literal["in_graph", "mean", "cls", "last"]
_POOLINGS: dict[str, _Pooling] = {
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_cls_token": "cls",
    "pooling_mode_lasttoken": "last",
}


class TextModelCard(Frozen):
    """What an ONNX text model does not say of itself; `radcite.json` beside `model.onnx`.

    `pooling` is `in_graph` when the model's first output already has one row a text. The prefixes
    are the words some models expect before a question or a document.
    """

    name: str
    languages: frozenset[Language]
    pooling: _Pooling = "mean"
    max_tokens: int = 256
    query_prefix: str = ""
    document_prefix: str = ""


def read_card(folder: Path) -> TextModelCard:
    """The card of a model's folder: `radcite.json`, else what sentence-transformers wrote.

    A model without a card of ours is taken to read both languages.

    Raises:
        RadciteError: `CONFIG_INVALID` naming the fields at fault.
    """
    try:
        if (folder / CARD_FILE).is_file():
            return TextModelCard.model_validate_json((folder / CARD_FILE).read_bytes())
        return _from_sentence_transformers(folder)
    except ValidationError as exc:
        faults = ", ".join(".".join(map(str, error["loc"])) or "JSON" for error in exc.errors())
    except ValueError as exc:
        faults = str(exc)
    raise RadciteError("CONFIG_INVALID", f"{CARD_FILE}: {faults}", f"{CARD_FILE} 有误：{faults}")


def _from_sentence_transformers(folder: Path) -> TextModelCard:
    pooled = _json(folder / "1_Pooling" / "config.json")
    limits = _json(folder / "sentence_bert_config.json")
    stated = _json(folder / "config_sentence_transformers.json")
    prompts: dict[str, Any] = stated.get("prompts") or {}
    chosen: list[_Pooling] = [pooling for name, pooling in _POOLINGS.items() if pooled.get(name)]
    return TextModelCard(
        name=folder.name,
        languages=frozenset({"en", "zh"}),
        pooling=chosen[0] if chosen else "mean",
        max_tokens=limits.get("max_seq_length") or 256,
        query_prefix=prompts.get("query") or "",
        document_prefix=prompts.get("passage") or prompts.get("document") or "",
    )


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    return TypeAdapter(dict[str, Any]).validate_json(path.read_bytes())
