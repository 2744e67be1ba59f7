"""Images of no kind that a collection holds, through the public ask: are they refused, and only they?"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from radcite.core.claims import Abstention
from radcite.core.errors import RadciteError
from radcite.core.question import Question
from radcite.evals.datasets import Row
from radcite.evals.images.labels import foreign_sets
from radcite.evals.images.rows import read_images
from radcite.evals.sheet import Sheet
from radcite.evals.task import CaseFiles, Context, Measured, cases_collection
from radcite.evals.units import is_held

__all__ = ["refused"]

_CASES = 80
_OF_A_KIND = 20
_SMEARS = "blood smears"
_OTHER: Mapping[str, str] = {"brain_mri": "nih_cxr", "nih_cxr": "brain_mri"}


class _Smear(Row):
    image: str


async def refused(context: Context) -> Measured:
    """The share refused: of pictures of other kinds, of another kind of radiology, and of a collection's own kind."""
    sheet = Sheet()
    seen, held = _sets(context)
    others = _written(context)
    for source, paths in seen.items():
        cases = [
            CaseFiles({"case_id": path.stem, "report": "An image.", "language": "en"}, [path])
            for path in paths[:_CASES]
        ]
        collection = await cases_collection(context, f"refused-{source.replace(' ', '-')}", cases)
        asked = {name: some for name, some in others.items() if name != source}
        asked["its own kind"] = held[source][:_OF_A_KIND]
        if source in _OTHER:
            asked["another kind of radiology"] = held[_OTHER[source]][:_OF_A_KIND]
        for name, images in asked.items():
            for place, path in enumerate(images):
                context.tell(f"{source}: {name}", place, len(images))
                value = await _is_refused(context, path, collection)
                for group in (name, f"{name}, among {source}"):
                    sheet.add(group, "refused", f"{source}/{name}/{path.stem}", value, path.stem)
    notes = (
        f"{_CASES} images of each set as cases; asked are held-back ones of the set, and pictures of other kinds.",
        "A picture that is held for a privacy review, for the print in it, counts as refused.",
    )
    return Measured(sheet.scores(), notes)


async def _is_refused(context: Context, path: Path, collection: str) -> bool:
    show = context.subject.show
    if show is None:
        raise RadciteError("INTERNAL", "this subject takes no images")
    try:
        digest = await show(path)
    except RadciteError as error:
        if error.code != "PHI_REVIEW":
            raise
        return True
    asked = Question(text="", images=(digest,), task="caption", collection=collection)
    outcome = await context.subject.ask(asked)
    return isinstance(outcome, Abstention) and outcome.reason == "OUT_OF_DOMAIN"


def _sets(context: Context) -> tuple[dict[str, list[Path]], dict[str, list[Path]]]:
    """By set the images that trainings read, and those held back."""
    seen: dict[str, list[Path]] = {}
    held: dict[str, list[Path]] = {}
    rows = [(row.source, row.path, row.unit) for row in read_images(context.data)]
    rows += [
        (_SMEARS, path, path.stem)
        for row in context.data.rows("images/bccd_blood/images.jsonl", _Smear)
        for path in (context.data.member("images/bccd_blood", row.image),)
    ]
    for source, path, unit in rows:
        (held if is_held(unit) else seen).setdefault(source, []).append(path)
    return seen, held


def _written(context: Context) -> Mapping[str, Sequence[Path]]:
    """Pictures of other kinds as files."""
    folder = context.work / "corpora" / "other-kinds"
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[str, list[Path]] = {}
    for name, images in foreign_sets(context):
        for place, image in enumerate(images[:_OF_A_KIND]):
            path = folder / f"{name.replace(' ', '-')}-{place}.png"
            Image.fromarray(image).save(path)
            written.setdefault(name, []).append(path)
    return written
