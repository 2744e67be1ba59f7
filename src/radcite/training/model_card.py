"""What is said of a trained model: made from the run, beside its files."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path

from radcite.core.frozen import Frozen

__all__ = ["CardFacts", "DataUsed", "Figure", "write_card"]


class DataUsed(Frozen):
    """A file that was learned from, with its digest and licence."""

    name: str
    sha256: str
    licence: str


class Figure(Frozen):
    """A measured figure, on what, and by which command."""

    name: str
    value: float
    interval: tuple[float, float] | None = None
    on: str
    n: int


class CardFacts(Frozen):
    """All that a card tells."""

    title: str
    purpose: str
    not_for: str
    origin: str
    command: str
    plan: Mapping[str, str | bool | int | float]
    data: tuple[DataUsed, ...]
    split: str
    figures: tuple[Figure, ...] = ()
    limits: tuple[str, ...] = ()


def write_card(folder: Path, facts: CardFacts, models: Sequence[str] = ("model.onnx",)) -> Path:
    """`README.md` in the model's folder, with the digests of its files."""
    lines = [
        f"# {facts.title}",
        "",
        facts.purpose,
        "",
        f"Not for: {facts.not_for}",
        "",
        f"Origin: {facts.origin}",
        "",
        "## How it was made",
        "",
        f"    {facts.command}",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}. " + ", ".join(f"{k} {v}" for k, v in facts.plan.items()),
        "",
        f"Split: {facts.split}",
        "",
        "| data | sha256 | licence |",
        "|---|---|---|",
        *(f"| `{one.name}` | `{one.sha256[:16]}…` | {one.licence} |" for one in facts.data),
        "",
    ]
    if facts.figures:
        lines += [
            "## Measured",
            "",
            "| figure | value | 95 % interval | on | n |",
            "|---|---|---|---|---|",
        ]
        lines += [
            f"| {f.name} | {f.value:.3f} | {_interval(f)} | {f.on} | {f.n} |" for f in facts.figures
        ]
        lines.append("")
    if facts.limits:
        lines += ["## Known limits", "", *(f"- {limit}" for limit in facts.limits), ""]
    lines += ["## Files", "", "| file | bytes | sha256 |", "|---|---|---|"]
    lines += [_file_row(folder / name) for name in models if (folder / name).is_file()]
    path = folder / "README.md"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _interval(figure: Figure) -> str:
    return f"{figure.interval[0]:.3f} to {figure.interval[1]:.3f}" if figure.interval else ""


def _file_row(path: Path) -> str:
    with path.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
    return f"| `{path.name}` | {path.stat().st_size:,} | `{digest}` |"
