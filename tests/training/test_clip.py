"""Contrastive fine-tuning of a tiny open_clip model. `make test-extras`."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from radcite.core.errors import RadciteError
from radcite.evals.datasets import Data
from radcite.training.clip.rows import pixels_of, read_clip_rows

FINDINGS = ("pleural effusion", "pneumothorax", "normal chest")


def drawn(kind: int, side: int) -> np.ndarray:
    """Bright below, at the left, or in the middle."""
    made = np.full((side, side), 60, dtype=np.uint8)
    half, quarter = side // 2, side // 4
    places = ((slice(half, None), slice(None)), (slice(None), slice(0, half)))
    middle = (slice(quarter, -quarter), slice(quarter, -quarter))
    made[(*places, middle)[kind]] = 200
    return made


def write_cases(folder: Path, count: int = 45, **more: Any) -> Path:
    """Noisy squares whose bright part is the diagnosis."""
    random = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for number in range(count):
        diagnosis = FINDINGS[number % 3]
        grey = drawn(number % 3, 32) + random.normal(0, 8, (32, 32))
        Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(folder / f"{number}.png")
        case = {
            "case_id": f"C-{number}",
            "patient_id": f"P-{number}",
            "images": [f"{number}.png"],
            "report": f"There is {diagnosis}.",
            "diagnosis": diagnosis,
            "body_part": "CHEST",
            "modality": "XR",
        }
        lines.append(json.dumps(case | more))
    path = folder / "cases.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_a_case_gives_its_images_words_label_and_patient(tmp_path: Path) -> None:
    first, *_ = read_clip_rows(write_cases(tmp_path, 3))
    assert first.texts == ("There is pleural effusion.", "XR, CHEST, pleural effusion")
    assert (first.label, first.unit, first.mirrored) == ("pleural effusion", "P-0", False)
    assert pixels_of(first.image, 32).shape == (32, 32)


def test_only_heads_whose_words_name_no_side_may_be_mirrored(tmp_path: Path) -> None:
    head = {"body_part": "HEAD", "report": "A mass."}
    assert read_clip_rows(write_cases(tmp_path / "a", 1, **head))[0].mirrored
    sided = head | {"report": "左侧肿块。"}
    assert not read_clip_rows(write_cases(tmp_path / "b", 1, **sided))[0].mirrored


def test_cases_that_cannot_be_learned_from_are_named(tmp_path: Path) -> None:
    with pytest.raises(RadciteError, match="NOT_FOUND"):
        read_clip_rows(tmp_path / "none.jsonl")
    with pytest.raises(RadciteError, match=r"NOT_FOUND.*line 1"):
        read_clip_rows(write_cases(tmp_path / "a", 1, images=["none.png"]))
    with pytest.raises(RadciteError, match=r"UNSUPPORTED_FILE.*line 1"):
        read_clip_rows(write_cases(tmp_path / "b", 1, images=["slice.dcm"]))
    with pytest.raises(RadciteError, match="RECORD_INVALID"):
        read_clip_rows(write_cases(tmp_path / "c", 1, images=[]))
    path = write_cases(tmp_path / "d", 1)
    (tmp_path / "d" / "0.png").write_bytes(b"no picture")
    with pytest.raises(RadciteError, match="IMAGE_DECODE"):
        pixels_of(read_clip_rows(path)[0].image, 32)


@pytest.mark.extras
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="no torch")
def test_a_device_that_is_not_there_is_refused_before_anything_is_read() -> None:
    import torch

    from radcite.training.devices import device_of

    assert device_of("cpu") == "cpu"
    if torch.cuda.is_available():
        assert device_of("auto") == device_of("cuda") == "cuda"
    else:
        assert device_of("auto") == "cpu"
        with pytest.raises(RadciteError, match="CUDA"):
            device_of("cuda")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.backends.test_open_clip import write_plain

    return write_plain(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cases(tmp_path_factory.mktemp("cases"))


@pytest.mark.extras
@pytest.mark.filterwarnings("default")
@pytest.mark.skipif(importlib.util.find_spec("open_clip") is None, reason="no open_clip")
class TestTinyClip:
    def trained(self, base: Path | None, cases: Path, out: Path, **plan: Any) -> None:
        from radcite.training.clip.recipe import ClipPlan, train_clip

        options = {"epochs": 6, "batch": 12, "learning_rate": 5e-4} | plan
        train_clip(
            cases,
            Data(out / "no-data"),
            out,
            base=base,
            plan=ClipPlan(**options),
            tell=lambda _: None,
        )

    async def test_it_learns_and_the_port_loads_what_it_wrote(
        self, base: Path, cases: Path, tmp_path: Path
    ) -> None:
        from radcite.backends.images.open_clip import OpenClipEncoder
        from radcite.training.clip.model import load_clip

        out = tmp_path / "run"
        self.trained(base, cases, out, epochs=20)
        encoder = OpenClipEncoder(str(out))
        squares = [drawn(kind, 32) for kind in range(3)]
        images = await encoder.encode(squares)
        net = load_clip(out, "none")
        assert np.allclose(images, net.image_vectors(squares), atol=1e-5)
        words = await encoder.encode_text([f"There is {name}." for name in FINDINGS])
        assert list((images @ words.T).argmax(axis=1)) == [0, 1, 2]
        figures = [json.loads(one) for one in (out / "figures.jsonl").read_text().splitlines()]
        assert figures[-1]["loss"] < figures[0]["loss"]
        assert {"dev_knn", "dev_linear", "dev_recall"} <= figures[0].keys()
        assert "label of the nearest training image, after" in (out / "README.md").read_text()

    @pytest.mark.parametrize("lock", ["image", "text"])
    def test_a_locked_tower_stays_as_it_was(
        self, base: Path, cases: Path, tmp_path: Path, lock: str
    ) -> None:
        from radcite.training.clip.model import load_clip

        self.trained(base, cases, tmp_path / "run", lock=lock, epochs=1)
        before = load_clip(base, "none").model.state_dict()
        after = load_clip(tmp_path / "run", "none").model.state_dict()
        moved = {name for name in before if not before[name].equal(after[name])}
        assert any(name.startswith("visual.") for name in moved) == (lock == "text")
        assert any(name.startswith("transformer.") for name in moved) == (lock == "image")

    def test_a_run_that_was_stopped_ends_as_one_that_was_not(
        self, base: Path, cases: Path, tmp_path: Path
    ) -> None:
        from radcite.training.clip.model import load_clip
        from radcite.training.clip.recipe import train_clip

        class Stopped(Exception):
            pass

        def stop(line: str) -> None:
            if line.startswith("round 1"):
                raise Stopped

        from radcite.training.clip.recipe import ClipPlan

        plan = ClipPlan(epochs=3, batch=12, learning_rate=2e-3)
        data = Data(tmp_path / "no-data")
        train_clip(cases, data, tmp_path / "whole", base=base, plan=plan, tell=lambda _: None)
        with pytest.raises(Stopped):
            train_clip(cases, data, tmp_path / "cut", base=base, plan=plan, tell=stop)
        train_clip(cases, data, tmp_path / "cut", base=base, plan=plan, tell=lambda _: None)
        whole, cut = (
            load_clip(tmp_path / name, "none").model.state_dict() for name in ("whole", "cut")
        )
        assert all(np.allclose(whole[name], cut[name], atol=1e-5) for name in whole)

    def test_rows_that_show_the_same_are_not_set_against_each_other(self) -> None:
        import torch

        from radcite.training.clip.model import contrast

        vectors = torch.nn.functional.normalize(torch.eye(3) + 0.1, dim=-1)
        same = np.zeros((3, 3), dtype=np.bool_)
        apart = contrast(vectors, vectors[[1, 0, 2]], torch.tensor(10.0), same)
        same[0, 1] = same[1, 0] = True
        assert contrast(vectors, vectors[[1, 0, 2]], torch.tensor(10.0), same) < apart

    def test_too_few_patients_and_reported_images_are_refused(
        self, base: Path, tmp_path: Path
    ) -> None:
        few = write_cases(tmp_path / "few", 2)
        with pytest.raises(RadciteError, match=r"VALIDATION.*too few patients"):
            self.trained(base, few, tmp_path / "run")
        with pytest.raises(RadciteError, match=r"NOT_FOUND.*open_clip_config\.json"):
            self.trained(tmp_path, write_cases(tmp_path / "cases"), tmp_path / "run")
