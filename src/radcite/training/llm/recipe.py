"""`radcite train llm`: a causal language model that writes claims from numbered evidence, or nothing."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from radcite.backends.images.open_clip import declare_torchvision_operators
from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data, digest_of
from radcite.evals.statistics import interval_of_mean, paired_difference
from radcite.training.curves import write_curves
from radcite.training.extra import need
from radcite.training.leakage import check_leakage
from radcite.training.llm.grounded import GroundedRecord, read_grounded
from radcite.training.llm.methods import (
    Method,
    adapted,
    check_memory,
    load_model,
    load_tokenizer,
    model_folder,
    needed_bytes,
    shape_of,
)
from radcite.training.llm.rows import TokenRow, fitting, packed, token_row
from radcite.training.model_card import CardFacts, DataUsed, Figure, write_card
from radcite.training.run_folder import keep_plan
from radcite.training.trackers import TrackerKind, open_tracker
from radcite.training.units import Part, own_part_of

__all__ = ["LlmPlan", "free_bytes", "train_llm"]

_NAME = "llm"
ADAPTER, MERGED = "adapter", "merged"


@dataclass(frozen=True, slots=True)
class LlmPlan:
    """How a model is fine-tuned. `noise` is NEFTune's, added to the words' vectors; 0: none."""

    method: Method = "lora"
    rank: int = 16
    epochs: int = 3
    batch: int = 1
    accumulate: int = 8
    max_tokens: int = 4096
    learning_rate: float = 2e-4
    weight_decay: float = 0.0
    dropout: float = 0.05
    label_smoothing: float = 0.0
    noise: float = 0.0
    patience: int = 0
    seed: int = 0
    packing: bool = False
    checkpointing: bool = False
    bf16: bool = False


def train_llm(
    base: Path,
    records: Path,
    data: Data,
    out: Path,
    *,
    plan: LlmPlan | None = None,
    trackers: Sequence[TrackerKind] = (),
    merge: bool = True,
    licence: str = "",
    command: str = "radcite train llm",
    tell: Callable[[str], None] = print,
) -> Path:
    """Fine-tune and write `adapter/`, `merged/` (both with the tokenizer), figures, curves and a card to `out`.

    Records are split by their units, eight in ten to train, one to stop by, one to report on. A run that was killed is
    gone on with by the same call.

    Args:
        base: Folder of a Hugging Face causal language model with a chat template.
        records: JSONL of `GroundedRecord`s.
        data: The data folder, for the check against the registered evaluation sets.
        out: The run's folder.
        plan: How.
        trackers: Where figures go besides `figures.jsonl`.
        merge: Whether to write the merged model; full fine-tuning always writes it, prefix tuning never can.
        licence: Of the records, for the card, where they do not say it themselves.
        command: What the card names as its making.
        tell: Called with remarks.

    Raises:
        RadciteError: `MISSING_EXTRA`; `NOT_FOUND` or `CONFIG_INVALID` for the model; `RECORD_INVALID` for the records;
            `LIMIT_EXCEEDED` for too little memory; `VALIDATION` for options that do not go together, records that an
            evaluation set asks, or a folder of another plan.
    """
    plan = plan or LlmPlan()
    _check(plan)
    need("torch", "transformers", "accelerate", *(() if plan.method == "full" else ("peft",)))
    if plan.method == "qlora":
        need("bitsandbytes")
    known = read_grounded(records)
    check_leakage((record.question for record in known), data, tell)
    model_folder(base)
    declare_torchvision_operators()
    import torch
    from transformers import set_seed
    from transformers.utils.logging import disable_progress_bar

    from radcite.training.llm.trainer import Rates, losses_of, run_trainer

    disable_progress_bar()
    shape = shape_of(base)
    needed = needed_bytes(
        shape,
        plan.method,
        tokens=plan.max_tokens,
        batch=plan.batch,
        checkpointing=plan.checkpointing,
        bf16=plan.bf16,
    )
    check_memory(needed, free_bytes())
    tokenizer = load_tokenizer(base)
    rows = _parts(known, tokenizer, plan, tell)
    keep_plan(out, f"{_NAME} {json.dumps(asdict(plan))} {digest_of(records)} {_digest(base)}")
    taught = list(rows["train"])
    random.Random(plan.seed).shuffle(taught)  # noqa: S311 - the order of batches
    taught = packed(taught, plan.max_tokens) if plan.packing else taught
    steps = plan.epochs * max(1, -(-len(taught) // (plan.batch * plan.accumulate)))
    set_seed(plan.seed)
    model = load_model(base, plan.method, bf16=plan.bf16)
    model = adapted(model, plan.method, rank=plan.rank, dropout=plan.dropout, steps=steps)
    if torch.cuda.is_available() and plan.method != "qlora":
        model.to("cuda")
    before = losses_of(model, rows["held"], adapters=plan.method == "full")
    tracker = open_tracker(out, trackers)
    rates = Rates(
        epochs=plan.epochs,
        batch=plan.batch,
        accumulate=plan.accumulate,
        learning_rate=plan.learning_rate,
        weight_decay=plan.weight_decay,
        warm_up=0.03,
        label_smoothing=plan.label_smoothing,
        noise=plan.noise,
        patience=plan.patience,
        seed=plan.seed,
        bf16=plan.bf16,
        checkpointing=plan.checkpointing,
    )
    tell(f"{len(taught)} rows, {steps} steps, about {needed / (1 << 30):.1f} GiB")
    run_trainer(model, taught, rows["dev"], rates, out, tracker)
    tracker.close()
    write_curves(out)
    after = losses_of(model, rows["held"])
    files = _export(model, tokenizer, plan.method, out, base, merge=merge)
    figures = _figures(before, after, [row.owner for row in rows["held"]])
    facts = _card(base, records, known, licence, command, plan, figures)
    return write_card(out, facts, files)


def free_bytes() -> int:
    """Free memory where training would run: the first GPU's, else the machine's."""
    import psutil
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.mem_get_info()[0])
    return int(psutil.virtual_memory().available)


def _check(plan: LlmPlan) -> None:
    if plan.packing and (plan.batch != 1 or plan.method == "prefix"):
        raise RadciteError(
            "VALIDATION",
            "--packing needs --batch 1 (use --accumulate) and is not for prefix tuning",
            "--packing 需要 --batch 1（请用 --accumulate），且不能与前缀微调同用",
        )
    if plan.checkpointing and plan.method == "prefix":
        raise RadciteError(
            "VALIDATION",
            "--gradient-checkpointing is not for prefix tuning",
            "--gradient-checkpointing 不能与前缀微调同用",
        )


def _parts(
    records: Sequence[GroundedRecord], tokenizer: Any, plan: LlmPlan, tell: Callable[[str], None]
) -> dict[Part, list[TokenRow]]:
    rows: dict[Part, list[TokenRow]] = {"train": [], "dev": [], "held": []}
    for record in records:
        rows[own_part_of(record.owner)].append(token_row(tokenizer, record))
    for part, some in rows.items():
        if not some:
            raise RadciteError(
                "VALIDATION",
                f"too few records: none of {len(records)} falls into the part '{part}'; some thirty units are needed",
                f"记录过少：{len(records)} 条中没有一条落入“{part}”部分；约需三十个单元",
            )
        rows[part] = fitting(some, plan.max_tokens)
        if cut := len(some) - len(rows[part]):
            tell(f"{cut} of {len(some)} {part} records are longer than {plan.max_tokens} tokens")
    return rows


def _export(
    model: Any, tokenizer: Any, method: Method, out: Path, base: Path, *, merge: bool
) -> list[str]:
    """The adapter as it is served beside its base, and the whole model; the files by their names within `out`."""
    folders: list[Path] = []
    if method != "full":
        folders.append(out / ADAPTER)
        model.save_pretrained(out / ADAPTER)
    if method == "full":
        folders.append(out / MERGED)
        model.config.use_cache = True
        model.save_pretrained(out / MERGED)
    elif merge and method != "prefix":
        folders.append(out / MERGED)
        merged(base, out / ADAPTER).save_pretrained(out / MERGED)
    for folder in folders:
        tokenizer.save_pretrained(folder)
    return [
        str(path.relative_to(out))
        for folder in folders
        for path in sorted(folder.glob("*.safetensors"))
    ]


def merged(base: Path, adapter: Path) -> Any:
    """The base model with an adapter added into its weights, in full precision."""
    import peft

    model = load_model(base, "full", bf16=False)
    return peft.PeftModel.from_pretrained(model, str(adapter)).merge_and_unload()


def _figures(
    before: Sequence[float], after: Sequence[float], owners: Sequence[str]
) -> tuple[Figure, ...]:
    found: list[Figure] = []
    for name, values in (("before", before), ("after", after)):
        spread = interval_of_mean(values, owners)
        found.append(
            Figure(
                name=f"loss a token of the reply, {name}",
                value=spread.mean,
                interval=(spread.low, spread.high),
                on="held-back records",
                n=len(values),
            )
        )
    gap = paired_difference(after, before, owners)
    change = Figure(
        name="change of the loss",
        value=gap.mean,
        interval=(gap.low, gap.high),
        on="held-back records",
        n=len(after),
    )
    return (*found, change)


def _card(
    base: Path,
    records: Path,
    known: Sequence[GroundedRecord],
    licence: str,
    command: str,
    plan: LlmPlan,
    figures: tuple[Figure, ...],
) -> CardFacts:
    stated = sorted({record.licence for record in known if record.licence}) or [
        licence or "not stated"
    ]
    silent = sum(not record.claims for record in known)
    return CardFacts(
        title=f"{base.name}, fine-tuned ({plan.method}) to write cited claims",
        purpose="Asked by radcite, behind an OpenAI-compatible server, for claims from numbered evidence. Each claim "
        "is checked before it is shown.",
        not_for="answering from what it knows, or use without that check.",
        origin=f"Starts from {base.name} (config and weights sha256 {_digest(base)[:12]}…), whose licence holds on.",
        command=command,
        plan=asdict(plan),
        data=(DataUsed(name=records.name, sha256=digest_of(records), licence="; ".join(stated)),),
        split="by each record's unit (patient, document or question), by the SHA-256 of it: eight in ten train, one "
        "stops, one is reported on. No question is one that a registered evaluation set asks.",
        figures=figures,
        limits=(
            f"{silent} of {len(known)} records have no claims: evidence that does not answer.",
            "The loss says how well it writes as the records do; `radcite eval run` tells what the check lets through.",
        ),
    )


def _digest(base: Path) -> str:
    """Digest of the base model's configuration and weights."""
    from hashlib import sha256

    whole = sha256()
    for path in [base / "config.json", *sorted(base.glob("*.safetensors"))]:
        with path.open("rb") as content:
            whole.update(file_digest(content, "sha256").digest())
    return whole.hexdigest()
