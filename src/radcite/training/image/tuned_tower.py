"""An image tower trained from its pixels on, and its file."""

# torch is not there in the default install, where the types are checked.
# pyright: reportMissingImports=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from radcite.backends.images.tflite_weights import read_layers
from radcite.core.errors import RadciteError
from radcite.core.ports import TextEncoder
from radcite.evals.datasets import Data
from radcite.evals.images.rows import ImageRow, read_images
from radcite.evals.units import part_of
from radcite.training.extra import need
from radcite.training.image.captions import captions_of
from radcite.training.image.features import rows_square
from radcite.training.image.label_numbers import KINDS, classes_of, place_of

if TYPE_CHECKING:
    from radcite.training.image.tuning import ImageTower, Machine, Shown, TunePlan

__all__ = [
    "TOWER",
    "KeptTower",
    "Pictures",
    "load_tower",
    "read_pictures",
    "save_tower",
    "tower_of",
    "trained",
]

TOWER = "tower.safetensors"
_CAPTIONS = 16
_Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pictures:
    """The free images: their rows, and their squares, uint8 (n, side, side)."""

    rows: Sequence[ImageRow]
    squares: NDArray[np.uint8]

    def places(self, *parts: str) -> list[int]:
        """Where the images of these parts of the split are."""
        return [i for i, row in enumerate(self.rows) if part_of(row.unit) in parts]


def read_pictures(data: Data) -> Pictures:
    """The free images as the network is shown them.

    Raises:
        RadciteError: `NOT_FOUND`, `RECORD_INVALID`.
    """
    rows = read_images(data)
    return Pictures(rows, np.stack([rows_square(row) for row in rows]))


def trained(
    pictures: Pictures,
    places: Sequence[int],
    text: TextEncoder,
    trunk: Path,
    plan: "TunePlan",
    *,
    machine: "Machine | None" = None,
    out: Path | None = None,
    tell: _Tell = print,
) -> "ImageTower":
    """A tower that has learned from the images at these places and from no other.

    Args:
        pictures: All images.
        places: Of those to learn from.
        text: Reads the captions.
        trunk: The network that it starts from, in TensorFlow Lite's format.
        plan: How.
        machine: Where.
        out: The run's folder; a run that was killed is gone on with.
        tell: Called with remarks.

    Raises:
        RadciteError: `MISSING_EXTRA`, `UNSUPPORTED_FILE`, `VALIDATION`, `STORAGE_LOW`.
    """
    need("torch")
    from radcite.training.image.tuning import tune
    from radcite.training.torch_run import Run
    from radcite.training.trackers import open_tracker

    shown = _shown(pictures, places, text, plan.seed)
    tower = tower_of(trunk, shown.texts.shape[-1], plan)
    run = None
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        learned = sha256("\n".join(pictures.rows[i].id for i in places).encode()).hexdigest()[:12]
        recipe = f"tower {trunk.name} {json.dumps(asdict(plan))} {learned}"
        run = Run(out, recipe, open_tracker(out, ()), lambda: 0.0)
    tune(tower, shown, plan, machine=machine, run=run, tell=tell)
    if run is not None:
        run.tracker.close()
    return tower


def tower_of(trunk: Path, text_dim: int, plan: "TunePlan") -> "ImageTower":
    """A tower that has learned nothing but what its trunk brings."""
    import torch

    from radcite.training.image.tuning import ImageTower

    torch.manual_seed(plan.seed)
    return ImageTower(read_layers(trunk), text_dim, [len(classes_of(kind)) for kind in KINDS], plan)


@dataclass(frozen=True, slots=True)
class KeptTower:
    """A tower from its file, with the plan and the command that made it."""

    tower: "ImageTower"
    plan: "TunePlan"
    command: str


def save_tower(
    tower: "ImageTower", trunk: Path, plan: "TunePlan", file: Path, command: str
) -> None:
    """The weights in half precision, with the plan, the command and the name of the trunk that it started from."""
    from safetensors.torch import save_file

    state = {name: value.half().cpu().contiguous() for name, value in tower.state_dict().items()}
    save_file(
        state, file, {"plan": json.dumps(asdict(plan)), "trunk": trunk.name, "command": command}
    )


def load_tower(file: Path, data: Data) -> KeptTower:
    """A tower that `save_tower` wrote; its trunk's form is read from the data folder.

    Raises:
        RadciteError: `NOT_FOUND` for the trunk, `VALIDATION` for a file that holds no tower.
    """
    need("torch")
    from safetensors import SafetensorError, safe_open

    from radcite.training.image.tuning import TunePlan

    try:
        with safe_open(file, "pt") as held:
            told = held.metadata() or {}
            state = {name: held.get_tensor(name).float() for name in held.keys()}  # noqa: SIM118 - no mapping
        kept: Any = json.loads(told["plan"])
        plan = TunePlan(**(kept | {"kinds": tuple(kept["kinds"])}))
        tower = tower_of(data.file(f"weights/{told['trunk']}"), state["text.weight"].shape[1], plan)
        tower.load_state_dict(state)
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as exc:
        raise RadciteError(
            "VALIDATION", f"{file.name} holds no image tower", f"{file.name} 不是图像塔权重文件"
        ) from exc
    return KeptTower(tower.eval(), plan, told["command"])


def _shown(pictures: Pictures, places: Sequence[int], text: TextEncoder, seed: int) -> "Shown":
    from radcite.training.image.tuning import Shown

    rng = random.Random(seed)  # noqa: S311
    rows = [pictures.rows[i] for i in places]
    said = [caption for row in rows for caption in captions_of(row, _CAPTIONS, rng)]
    texts = list(dict.fromkeys(caption.text for caption in said))
    number = {words: i for i, words in enumerate(texts)}
    vectors = asyncio.run(text.encode(texts)).astype(np.float32)
    told = np.array([[place_of(one.labels.get(k), classes_of(k)) for k in KINDS] for one in said])
    shape = (len(rows), _CAPTIONS, -1)
    return Shown(
        squares=pictures.squares[list(places)],
        mirrored=np.array([row.body_part == "HEAD" for row in rows]),
        labels=np.array([[place_of(row.label(k), classes_of(k)) for k in KINDS] for row in rows]),
        texts=vectors[[number[caption.text] for caption in said]].reshape(shape),
        said=told.reshape(shape),
    )
