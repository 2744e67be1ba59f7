"""Which weights of a causal language model are trained, and what that takes."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from radcite.core.errors import RadciteError
from radcite.training.extra import need

__all__ = [
    "Method",
    "Shape",
    "adapted",
    "check_memory",
    "load_model",
    "load_tokenizer",
    "model_folder",
    "needed_bytes",
    "shape_of",
]

Method = Literal["full", "lora", "qlora", "adalora", "ia3", "prefix"]
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a model is, from its configuration alone."""

    parameters: int
    layers: int
    width: int
    vocabulary: int
    context: int


def model_folder(folder: Path) -> Path:
    """The folder of a Hugging Face model; nothing is ever fetched.

    Raises:
        RadciteError: `NOT_FOUND` for a folder without `config.json`.
    """
    if not (folder / "config.json").is_file():
        raise RadciteError(
            "NOT_FOUND",
            f"{folder.name} holds no model: config.json is missing",
            f"{folder.name} 中没有模型：缺少 config.json",
        )
    return folder


def shape_of(folder: Path) -> Shape:
    """The model's size; no weight is read.

    Raises:
        RadciteError: `CONFIG_INVALID` for a configuration that is no causal language model's.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config)
    except (ValueError, OSError, KeyError, ImportError) as exc:
        raise _no_model(folder) from exc
    text: Any = config.get_text_config()
    return Shape(
        parameters=sum(each.numel() for each in model.parameters()),
        layers=int(text.num_hidden_layers),
        width=int(text.hidden_size),
        vocabulary=int(text.vocab_size),
        context=int(getattr(text, "max_position_embeddings", 0)),
    )


def needed_bytes(
    shape: Shape, method: Method, *, tokens: int, batch: int, checkpointing: bool, bf16: bool
) -> int:
    """A lower estimate of the memory that training takes: weights, gradients, Adam's moments, activations, scores.

    Adapters are counted as one part in a hundred of the weights. An activation is counted for 34 bytes a token, layer
    and width, or 2 where they are computed again.

    Source: Korthikanti et al., Reducing Activation Recomputation in Large Transformer Models (2022), sec. 4.
    """
    weights = {"full": 16.0, "qlora": 0.6}.get(method, 2.0 if bf16 else 4.0) * shape.parameters
    trained = 0.0 if method == "full" else 0.16 * shape.parameters
    each = 2 if checkpointing else 34
    activations = each * tokens * batch * shape.layers * shape.width
    scores = 8 * tokens * batch * shape.vocabulary
    return round(weights + trained + activations + scores)


def check_memory(needed: int, free: int) -> None:
    """Fail before any weight is read.

    Raises:
        RadciteError: `LIMIT_EXCEEDED` with both figures and what lessens the one.
    """
    if needed > free:
        takes, has = f"{needed / _GIB:.1f} GiB", f"{free / _GIB:.1f} GiB"
        raise RadciteError(
            "LIMIT_EXCEEDED",
            f"training takes about {takes} of memory and {has} are free: try --method lora or qlora, "
            "--gradient-checkpointing, fewer --max-tokens or a smaller --batch",
            f"训练约需 {takes} 内存，而可用 {has}：可改用 --method lora 或 qlora、--gradient-checkpointing，"
            "或减小 --max-tokens 与 --batch",
        )


def load_tokenizer(folder: Path) -> Any:
    """The model's tokenizer, with something to pad with.

    Raises:
        RadciteError: `CONFIG_INVALID`.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (ValueError, OSError, KeyError, ImportError) as exc:
        raise _no_model(folder) from exc
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(folder: Path, method: Method, *, bf16: bool) -> Any:
    """The model's weights, in 4 bits for QLoRA.

    Raises:
        RadciteError: `MISSING_EXTRA` for QLoRA without bitsandbytes; `CONFIG_INVALID`.
    """
    import torch
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {"dtype": torch.bfloat16 if bf16 else torch.float32}
    if method == "full":
        # The optimiser keeps what it adds in full precision; products are computed in the other one.
        options = {"dtype": torch.float32}
    if method == "qlora":
        need("bitsandbytes")
        from transformers import BitsAndBytesConfig

        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    try:
        return AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, **options)
    except (ValueError, OSError, KeyError, ImportError) as exc:
        raise _no_model(folder) from exc


def adapted(model: Any, method: Method, *, rank: int, dropout: float, steps: int) -> Any:
    """The model with what is trained in it; all of it for `full`.

    Source: LoRA, arXiv 2106.09685; QLoRA, 2305.14314; AdaLoRA, 2303.10512; IA³, 2205.05638; prefix tuning, 2101.00190.

    Raises:
        RadciteError: `CONFIG_INVALID` for an architecture that peft knows no IA³ for.
    """
    if method == "full":
        return model
    import peft

    task = peft.TaskType.CAUSAL_LM
    match method:
        case "lora" | "qlora":
            config: Any = peft.LoraConfig(
                task_type=task,
                r=rank,
                lora_alpha=2 * rank,
                lora_dropout=dropout,
                target_modules="all-linear",
            )
        case "adalora":
            config = peft.AdaLoraConfig(
                task_type=task,
                init_r=rank + rank // 2,
                target_r=rank,
                lora_alpha=2 * rank,
                lora_dropout=dropout,
                target_modules="all-linear",
                total_step=steps,
                tinit=steps // 10,
                tfinal=steps // 3,
                deltaT=max(1, steps // 100),
            )
        case "ia3":
            config = peft.IA3Config(task_type=task)
        case "prefix":
            config = peft.PrefixTuningConfig(task_type=task, num_virtual_tokens=rank)
    if method == "qlora":
        model = peft.prepare_model_for_kbit_training(model)
    try:
        return peft.get_peft_model(model, config)
    except ValueError as exc:
        raise RadciteError(
            "CONFIG_INVALID",
            f"peft cannot put {method} into this architecture",
            f"peft 无法在该模型结构上使用 {method}",
        ) from exc


def _no_model(folder: Path) -> RadciteError:
    return RadciteError(
        "CONFIG_INVALID",
        f"{folder.name} is not a causal language model that transformers can load",
        f"transformers 无法将 {folder.name} 作为因果语言模型加载",
    )
