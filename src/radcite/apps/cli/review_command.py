import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from radcite.apps.cli.options import AsJson, Home, new_app
from radcite.apps.cli.output import console, print_json, typed_password

if TYPE_CHECKING:
    from radcite.core.phi_review import Decision, HeldImage, PhiReviews

T = TypeVar("T")
_AROUND = 40
Key = Annotated[str, typer.Argument(metavar="KEY", help="Its key, or the beginning `ls` prints.")]
By = Annotated[
    str, typer.Option("--by", help="Who decides: a name, or the user where there are any.")
]
Reason = Annotated[str, typer.Option(help="Why; it is kept.")]

app = new_app("What waits for a person. 待人工审核。")
phi = new_app(
    "Images and cases held because text in them may name somebody. 因疑似含身份文字而暂存的图像与病例。"
)
app.add_typer(phi, name="phi")


@phi.command()
def ls(
    everything: Annotated[bool, typer.Option("--all", help="Also those decided about.")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """List what is held, the latest first."""
    images = _with_reviews(home, lambda reviews: reviews.images())
    shown = [one for one in images if everything or one.decision is None]
    if as_json:
        documents = [one.model_dump(mode="json") for one in shown]
        print_json({"schema": "radcite.phi-reviews/1", "images": documents})
        return
    for one in shown:
        console().print(_line(one), highlight=False, markup=False)


@phi.command()
def show(
    key: Key,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The file itself, to draw on.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", help="Where to write the picture (PNG).")
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Show where text was found; with FILE and -o, draw it: red asks for a decision, yellow is masked anyway.

    With the list of cases, the PDF or the DICOM object as FILE, the words in doubt are printed among their
    neighbours. radcite keeps no copy of what is held; what FILE shows may identify the patient.
    """
    image = _with_reviews(home, lambda reviews: reviews.image(key))
    if file is not None and out is not None:
        asyncio.run(_draw(image, file, out, home))
    elif file is not None and image.words:
        asyncio.run(_tell_words(image, file, home))
        return
    if as_json:
        print_json({"schema": "radcite.phi-review/1", **image.model_dump(mode="json")})
        return
    console().print(_line(image), highlight=False, markup=False)
    for place in image.places:
        told = f"  frame {place.frame}  {list(place.box)}  {place.score:.2f}  {place.verdict}"
        console().print(told, highlight=False, markup=False)
    for word in image.words:
        told = f"  {word.field}  [{word.start}, {word.end})"
        console().print(told, highlight=False, markup=False)


@phi.command()
def release(
    key: Key,
    by: By,
    reason: Reason,
    as_it_is: Annotated[
        bool, typer.Option("--as-it-is", help="Without masks: nothing in it names anybody.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Let an image or a case in: with all that is in doubt masked, or as it is. Ingest the file again afterwards.

    In a PDF nothing is masked: it goes in as it is, or not.
    """
    _decide(key, "as it is" if as_it_is else "masked", by, reason, home, as_json=as_json)


@phi.command()
def reject(key: Key, by: By, reason: Reason, as_json: AsJson = False, home: Home = None) -> None:
    """Keep an image or a case out for good."""
    _decide(key, "rejected", by, reason, home, as_json=as_json)


def _decide(
    key: str, decision: "Decision", by: str, reason: str, home: Path | None, *, as_json: bool
) -> None:
    from radcite.apps.configuration import load_settings
    from radcite.apps.reviewing import check_signer
    from radcite.apps.stores import accounts_of, local_auditor

    settings = load_settings({"home": home})

    async def decided(reviews: "PhiReviews") -> "HeldImage":
        accounts = accounts_of(settings)
        try:
            await check_signer(accounts, by, typed_password)
        finally:
            await accounts.close()
        image = await reviews.image(key)
        image.check(decision, by, reason)
        # On record before it holds; `I-` is how the record names what came in as a file.
        async with local_auditor(settings) as auditor, auditor.guard("review phi"):
            told = {"signer": by, "subjects": (f"I-{image.key}",)}
            await auditor.note("review", f"phi {decision}", **told)
            return await reviews.decide(image.key, decision, by, reason)

    image = _with_reviews(home, decided)
    if as_json:
        print_json({"schema": "radcite.phi-review/1", **image.model_dump(mode="json")})
    else:
        console().print(_line(image), highlight=False, markup=False)


def _line(image: "HeldImage") -> str:
    doubtful = sum(place.verdict == "hold" for place in image.places)
    state = image.decision or "held"
    told = [image.key[:12], image.held_at[:19], state, f"{doubtful}/{len(image.places)}"]
    told += [f"{len(image.words)} words / 处文字"] if image.words else []
    return "  ".join([*told, *filter(None, (image.user, image.reason))])


async def _tell_words(image: "HeldImage", file: Path, home: Path | None) -> None:
    """Each doubtful word among its neighbours, from the user's own file."""
    from radcite.apps.configuration import home_of, load_settings, site_secret
    from radcite.core.errors import RadciteError

    if not await asyncio.to_thread(file.is_file):
        raise RadciteError("NOT_FOUND", file.name)
    texts = await _texts(image.key, file, site_secret(home_of(load_settings({"home": home}))))
    for word in image.words:
        said = texts[word.field]
        before = said[max(0, word.start - _AROUND) : word.start]
        after = said[word.end : word.end + _AROUND]
        shown = f"{before}[{said[word.start : word.end]}]{after}"
        console().print(f"  {word.field}: {shown}", highlight=False, markup=False)


async def _texts(key: str, file: Path, secret: bytes) -> "Mapping[str, str]":
    """The texts of what is held by their names: the file itself, or a line of a list of cases."""
    from radcite.core.errors import RadciteError
    from radcite.core.pseudonym import content_key
    from radcite.ingestion.deid.case_words import texts_of
    from radcite.ingestion.deid.held_text import held_text
    from radcite.ingestion.discovery import digest_of
    from radcite.ingestion.records import CaseRecord, Line, read_records
    from radcite.ingestion.worker import ParserPool

    if content_key(secret, await asyncio.to_thread(digest_of, file)) == key:
        async with ParserPool(jobs=1) as pool:
            return {"text": await pool.run(held_text, file)}
    for line in read_records(file, CaseRecord):
        if isinstance(line, Line) and content_key(secret, bytes.fromhex(line.digest)) == key:
            return dict(texts_of(line.record))
    raise RadciteError("VALIDATION", "this is another file", "不是该文件")


async def _draw(image: "HeldImage", file: Path, out: Path, home: Path | None) -> None:
    from functools import partial

    from radcite.apps.configuration import home_of, load_settings, site_secret
    from radcite.core.errors import RadciteError
    from radcite.core.pseudonym import content_key
    from radcite.ingestion.discovery import digest_of
    from radcite.ingestion.pictures.review_picture import framed_png
    from radcite.ingestion.worker import ParserPool

    if not await asyncio.to_thread(file.is_file):
        raise RadciteError("NOT_FOUND", file.name)
    secret = site_secret(home_of(load_settings({"home": home})))
    if content_key(secret, await asyncio.to_thread(digest_of, file)) != image.key:
        raise RadciteError("VALIDATION", "this is another file", "不是该文件")
    async with ParserPool(jobs=1) as pool:
        drawn = await pool.run(partial(framed_png, places=image.places), file)
    await asyncio.to_thread(out.write_bytes, drawn)


def _with_reviews(home: Path | None, work: "Callable[[PhiReviews], Awaitable[T]]") -> T:
    """Run on the queue alone: it can be worked off while `serve` runs."""
    from radcite.apps.configuration import load_settings
    from radcite.apps.stores import phi_reviews_of

    async def run() -> T:
        reviews = phi_reviews_of(load_settings({"home": home}))
        try:
            return await work(reviews)
        finally:
            await reviews.close()

    return asyncio.run(run())
