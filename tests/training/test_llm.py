"""Fine-tuning of a tiny language model, through the code of a real one. `make test-extras`."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data
from radcite.training.llm.methods import Method, Shape, check_memory, needed_bytes
from radcite.training.llm.rows import NO_LOSS, TokenRow, fitting, packed
from tests.training.tiny_llm import TEMPLATE, write_model, write_records

extras = [
    pytest.mark.extras,
    pytest.mark.skipif(importlib.util.find_spec("peft") is None, reason="no peft"),
    # torch, transformers and peft warn of what they will change themselves.
    pytest.mark.filterwarnings("default"),
]


def row(owner: str, *ids: int) -> TokenRow:
    return TokenRow(owner, ids, (NO_LOSS, *ids[1:]))


def test_records_are_packed_first_fit_with_positions_of_their_own() -> None:
    rows = [row("a", 1, 2, 3), row("b", 4, 5), row("c", 6, 7)]
    first, second = packed(rows, 5)
    assert (first.ids, first.starts) == ((1, 2, 3, 4, 5), (0, 3))
    assert first.positions() == [0, 1, 2, 0, 1]
    assert first.labels == (NO_LOSS, 2, 3, NO_LOSS, 5)
    assert (second.ids, second.positions()) == ((6, 7), [0, 1])


def test_records_that_are_too_long_are_left_out_and_not_cut() -> None:
    rows = [row("a", 1, 2, 3), row("b", 4, 5)]
    assert [one.owner for one in fitting(rows, 2)] == ["b"]
    with pytest.raises(RadciteError, match="the shortest record has 2 tokens"):
        fitting(rows, 1)


def test_memory_is_asked_for_by_what_is_trained() -> None:
    shape = Shape(parameters=7_000_000_000, layers=32, width=4096, vocabulary=32_000, context=4096)

    def needed(method: Method, *, checkpointing: bool = True) -> int:
        return needed_bytes(
            shape, method, tokens=2048, batch=1, checkpointing=checkpointing, bf16=True
        )

    assert needed("full") > 100 * 2**30 > needed("lora") > 13 * 2**30 > needed("qlora")
    assert needed("lora", checkpointing=False) > needed("lora")
    with pytest.raises(RadciteError, match=r"LIMIT_EXCEEDED.*GiB.*--method lora") as caught:
        check_memory(needed("full"), 16 * 2**30)
    assert "GiB" in caught.value.detail_zh
    check_memory(needed("qlora"), 16 * 2**30)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from radcite.backends.images.open_clip import declare_torchvision_operators

    declare_torchvision_operators()
    return write_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_records(tmp_path_factory.mktemp("records") / "records.jsonl")


def trained(base: Path, records: Path, out: Path, **plan: Any) -> list[str]:
    from radcite.training.llm.recipe import LlmPlan, train_llm

    told: list[str] = []
    options = {"rank": 4, "epochs": 1, "accumulate": 4, "learning_rate": 1e-2} | plan
    train_llm(base, records, Data(out / "no-data"), out, plan=LlmPlan(**options), tell=told.append)
    return told


def logits(model: Any) -> Any:
    import torch

    with torch.no_grad():
        return model.eval()(input_ids=torch.arange(5, 60)[None]).logits


def loaded(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder)


def with_adapter(base: Path, out: Path) -> Any:
    import peft

    return peft.PeftModel.from_pretrained(loaded(base), out / "adapter")


class TestTinyModel:
    pytestmark = extras

    def test_lora_learns_and_its_merged_model_says_the_same(
        self, base: Path, records: Path, tmp_path: Path
    ) -> None:
        import torch
        from transformers import AutoTokenizer

        trained(base, records, tmp_path, epochs=3)
        adapted, merged = with_adapter(base, tmp_path), loaded(tmp_path / "merged")
        assert torch.allclose(logits(adapted), logits(merged), atol=1e-5)
        assert not torch.allclose(logits(loaded(base)), logits(merged), atol=1e-2)
        config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
        assert config["r"] == 4
        assert AutoTokenizer.from_pretrained(tmp_path / "adapter").chat_template == TEMPLATE
        card = (tmp_path / "README.md").read_text("utf-8")
        assert "| change of the loss | -" in card
        assert "CC0" in card
        assert "adapter_model.safetensors" in card
        assert "eval_loss" in (tmp_path / "figures.jsonl").read_text()
        assert "eval_loss" in (tmp_path / "curves.svg").read_text()

    @pytest.mark.parametrize("method", ["full", "adalora", "ia3", "prefix"])
    def test_every_other_method_trains_and_is_exported(
        self, base: Path, records: Path, tmp_path: Path, method: Method
    ) -> None:
        import torch

        trained(base, records, tmp_path, method=method)
        before = logits(loaded(base))
        if method == "full":
            assert not torch.allclose(before, logits(loaded(tmp_path / "merged")), atol=1e-3)
            return
        adapted = logits(with_adapter(base, tmp_path))
        assert not torch.allclose(before, adapted, atol=1e-5)
        if method == "prefix":
            assert not (tmp_path / "merged").exists()
        else:
            assert torch.allclose(adapted, logits(loaded(tmp_path / "merged")), atol=1e-5)

    def test_a_packed_row_has_the_loss_of_its_records(self, base: Path, records: Path) -> None:
        from radcite.training.llm.grounded import read_grounded
        from radcite.training.llm.methods import load_tokenizer
        from radcite.training.llm.rows import token_row
        from radcite.training.llm.trainer import losses_of

        tokenizer = load_tokenizer(base)
        rows = [token_row(tokenizer, one) for one in read_grounded(records)[:3]]
        assert all(label == NO_LOSS for one in rows for label in one.labels[:50])
        model = loaded(base)
        model.config.use_cache = False
        (whole,) = packed(rows, 8192)
        (joint,) = losses_of(model, [whole])
        sizes = [sum(label != NO_LOSS for label in one.labels) for one in rows]
        apart = losses_of(model, rows)
        expected = sum(n * loss for n, loss in zip(sizes, apart, strict=True)) / sum(sizes)
        assert joint == pytest.approx(expected, abs=1e-4)

    def test_packing_checkpointing_and_noise_go_together(
        self, base: Path, records: Path, tmp_path: Path
    ) -> None:
        told = trained(
            base,
            records,
            tmp_path,
            packing=True,
            checkpointing=True,
            noise=5.0,
            label_smoothing=0.1,
            max_tokens=2048,
        )
        rows = int(next(line for line in told if "steps" in line).split()[0])
        assert rows < 32

    def test_a_killed_run_ends_as_one_that_was_not(
        self, base: Path, records: Path, tmp_path: Path
    ) -> None:
        import torch

        trained(base, records, tmp_path / "whole", epochs=3)
        code = (
            "from pathlib import Path; from tests.training.test_llm import trained; "
            f"trained(Path({str(base)!r}), Path({str(records)!r}), Path({str(tmp_path / 'killed')!r}), epochs=3)"
        )
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        run = subprocess.Popen([sys.executable, "-c", code], env=environment)
        checkpoints = tmp_path / "killed" / "checkpoints"
        deadline = time.monotonic() + 200
        while not any(checkpoints.glob("checkpoint-*/trainer_state.json")):
            assert run.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        run.send_signal(signal.SIGKILL)
        run.wait()
        assert not (tmp_path / "killed" / "adapter").exists()
        trained(base, records, tmp_path / "killed", epochs=3)
        whole, resumed = (
            logits(with_adapter(base, tmp_path / name)) for name in ("whole", "killed")
        )
        assert torch.allclose(whole, resumed, atol=1e-4)

    def test_a_run_that_had_learned_enough_does_not_go_on(
        self, base: Path, records: Path, tmp_path: Path
    ) -> None:
        import torch

        def rounds() -> list[str]:
            return sorted(path.name for path in (tmp_path / "checkpoints").iterdir())

        plan = {"epochs": 8, "patience": 1, "learning_rate": 0.5}
        trained(base, records, tmp_path, **plan)
        ended, said = rounds(), logits(with_adapter(base, tmp_path))
        noted = (tmp_path / "figures.jsonl").read_text().count("eval_loss")
        assert noted < 8
        trained(base, records, tmp_path, **plan)
        assert rounds() == ended
        assert (tmp_path / "figures.jsonl").read_text().count("eval_loss") == noted
        assert torch.allclose(said, logits(with_adapter(base, tmp_path)), atol=1e-5)

    def test_another_plan_in_the_same_folder_is_refused(
        self, base: Path, records: Path, tmp_path: Path
    ) -> None:
        from radcite.training.run_folder import keep_plan

        keep_plan(tmp_path, "another")
        with pytest.raises(RadciteError, match="of another plan"):
            trained(base, records, tmp_path)

    def test_what_cannot_be_trained_is_said_before_it_begins(
        self, base: Path, records: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(RadciteError, match=r"NOT_FOUND.*config\.json"):
            trained(tmp_path, records, tmp_path / "run")
        silent = write_model(tmp_path / "silent", template=None)
        with pytest.raises(RadciteError, match=r"CONFIG_INVALID.*chat template"):
            trained(silent, records, tmp_path / "run")
        few = write_records(tmp_path / "few.jsonl", 2)
        with pytest.raises(RadciteError, match=r"VALIDATION.*too few records"):
            trained(base, few, tmp_path / "run")
        with pytest.raises(RadciteError, match="--packing needs --batch 1"):
            trained(base, records, tmp_path / "run", packing=True, batch=2)
        huge = tmp_path / "huge"
        huge.mkdir()
        config = json.loads((base / "config.json").read_text())
        config |= {"hidden_size": 16_384, "intermediate_size": 65_536, "num_hidden_layers": 200}
        (huge / "config.json").write_text(json.dumps(config))
        with pytest.raises(RadciteError, match="LIMIT_EXCEEDED"):
            trained(huge, records, tmp_path / "run")
        assert not (tmp_path / "run").exists()

    @pytest.mark.skipif(
        importlib.util.find_spec("bitsandbytes") is not None, reason="bitsandbytes is there"
    )
    def test_qlora_without_bitsandbytes_names_what_is_missing(
        self, base: Path, records: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(RadciteError, match=r"MISSING_EXTRA.*bitsandbytes"):
            trained(base, records, tmp_path, method="qlora")
