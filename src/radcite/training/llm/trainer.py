"""The Hugging Face trainer as our recipes use it: rows to batches, figures to a `Tracker`, folders to go on from."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false, reportUntypedBaseClass=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any

import torch
from transformers import (
    EarlyStoppingCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
)

from radcite.core.ports import Tracker
from radcite.training.llm.rows import NO_LOSS, TokenRow

__all__ = ["Rates", "losses_of", "run_trainer"]

_CHECKPOINTS, _STATE = "checkpoints", "trainer_state.json"


@dataclass(frozen=True, slots=True)
class Rates:
    """What of a plan the trainer is told."""

    epochs: int
    batch: int
    accumulate: int
    learning_rate: float
    weight_decay: float
    warm_up: float
    label_smoothing: float
    noise: float
    patience: int
    seed: int
    bf16: bool
    checkpointing: bool


class _Noted(TrainerCallback):
    """Hands figures to our tracker; a peft method that reallocates is told of each step."""

    def __init__(self, tracker: Tracker, model: Any) -> None:
        self._tracker = tracker
        tuner = getattr(model, "base_model", None)
        self._allocate = getattr(tuner, "update_and_allocate", None)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        numbers = {
            name: float(value)
            for name, value in (logs or {}).items()
            if isinstance(value, int | float) and math.isfinite(value)
        }
        if numbers:
            self._tracker.log(state.global_step, numbers)

    def on_optimizer_step(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._allocate is not None:
            self._allocate(state.global_step)


def run_trainer(
    model: Any,
    rows: Sequence[TokenRow],
    dev: Sequence[TokenRow],
    rates: Rates,
    run: Path,
    tracker: Tracker,
) -> None:
    """Train in place, and end with the weights of the best round on the development rows.

    A run that was killed goes on with the last round that was finished, and one that had ended does not go on. On
    several GPUs (torchrun, accelerate) each process takes its share of every batch.
    """
    folder = run / _CHECKPOINTS
    last = _last_whole(folder)
    model.config.use_cache = False
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=_rounds(last, rates),
        per_device_train_batch_size=rates.batch,
        per_device_eval_batch_size=rates.batch,
        gradient_accumulation_steps=rates.accumulate,
        learning_rate=rates.learning_rate,
        weight_decay=rates.weight_decay,
        warmup_steps=rates.warm_up,
        lr_scheduler_type="cosine",
        label_smoothing_factor=rates.label_smoothing,
        neftune_noise_alpha=rates.noise or None,
        eval_strategy="epoch",
        save_strategy="epoch",
        logging_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        restore_callback_states_from_checkpoint=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        seed=rates.seed,
        data_seed=rates.seed,
        bf16=rates.bf16,
        activation_checkpointing=rates.checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False} if rates.checkpointing else None,
        use_cpu=not torch.cuda.is_available(),
        dataloader_pin_memory=torch.cuda.is_available(),
        remove_unused_columns=False,
        label_names=["labels"],
        report_to="none",
        disable_tqdm=True,
        log_level="error",
    )
    callbacks: list[TrainerCallback] = [_Noted(tracker, model)]
    if rates.patience:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=rates.patience))
    # A list is all that a data loader needs; the trainer's annotation asks for more.
    taught: Any = list(rows)
    watched: Any = list(dev)
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=taught,
        eval_dataset=watched,
        data_collator=_batch,
        callbacks=callbacks,
    )
    trainer.train(resume_from_checkpoint=last)


def _rounds(last: str | None, rates: Rates) -> float:
    """How many rounds there are: those of the plan, or those after which an earlier run had learned enough."""
    if last is None or not rates.patience:
        return rates.epochs
    state: dict[str, Any] = json.loads((Path(last) / _STATE).read_text("utf-8"))
    kept = state["stateful_callbacks"][EarlyStoppingCallback.__name__]["attributes"]
    has_stopped = kept["early_stopping_patience_counter"] >= rates.patience
    return state["epoch"] if has_stopped else rates.epochs


def _last_whole(folder: Path) -> str | None:
    """The newest checkpoint that was written to its end; one that was cut off is removed."""
    whole: dict[int, Path] = {}
    for path in folder.glob("checkpoint-*"):
        # The trainer writes its state last.
        if (path / _STATE).is_file():
            whole[int(path.name.rpartition("-")[2])] = path
        else:
            rmtree(path)
    return str(whole[max(whole)]) if whole else None


def losses_of(model: Any, rows: Sequence[TokenRow], *, adapters: bool = True) -> list[float]:
    """The mean loss a token of each row's reply, in evaluation mode; without the adapters if told so."""
    model.eval()
    found: list[float] = []
    with torch.no_grad():
        for row in rows:
            batch = {name: value.to(model.device) for name, value in _batch([row]).items()}
            if adapters:
                found.append(model(**batch).loss.item())
            else:
                with model.disable_adapter():
                    found.append(model(**batch).loss.item())
    return found


def _batch(rows: Sequence[TokenRow]) -> dict[str, torch.Tensor]:
    """Tokens and labels, padded to the longest; a single row needs no mask, and its positions bound attention."""
    if len(rows) == 1:
        (row,) = rows
        batch = {"input_ids": torch.tensor([row.ids]), "labels": torch.tensor([row.labels])}
        if len(row.starts) > 1:
            batch["position_ids"] = torch.tensor([row.positions()])
        return batch
    longest = max(len(row.ids) for row in rows)
    shape = (len(rows), longest)
    ids = torch.zeros(shape, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    labels = torch.full(shape, NO_LOSS, dtype=torch.long)
    for place, row in enumerate(rows):
        size = len(row.ids)
        ids[place, :size] = torch.tensor(row.ids)
        labels[place, :size] = torch.tensor(row.labels)
        mask[place, :size] = 1
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}
