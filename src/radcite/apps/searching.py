"""Search as the command line and the evals ask for it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ValidationError

from radcite.apps.auditing import Auditor
from radcite.apps.wiring import House
from radcite.core.checked import checked
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.pseudonym import pseudonym
from radcite.core.sources import Language
from radcite.core.typed import Typed
from radcite.core.vault import Original
from radcite.tools.cases import CaseRequest
from radcite.tools.hits import Hit
from radcite.tools.hybrid import SearchMode
from radcite.tools.literature import LiteratureRequest

__all__ = [
    "SearchOptions",
    "asked_patient",
    "audited_search",
    "check_known",
    "find",
    "hit_json",
    "patient_pseudonym",
    "read_queries",
]


def _listed(value: object) -> object:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


_OneOrMany = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _QueryLine(BaseModel):
    id: str
    query: str = ""
    image: _OneOrMany = ()
    patient_id: str | None = None
    exclude: _OneOrMany = ()


class SearchOptions(Frozen):
    """One search as a user states it: image files and a patient id of theirs."""

    what: Literal["literature", "cases"]
    query: Typed = ""
    images: tuple[Path, ...] = ()
    limit: int = 10
    patient: str | None = None
    group: Literal["passage", "document"] = "passage"
    modality: str | None = None
    body_part: str | None = None
    language: Language | None = None
    exclude: tuple[str, ...] = ()
    mode: SearchMode = "hybrid"
    collection: str = "default"


async def audited_search(
    house: House, request: LiteratureRequest | CaseRequest, by: Auditor
) -> Sequence[Hit]:
    """The hits, best first, once the search is on record.

    Raises:
        RadciteError: `NOT_FOUND` for a collection that there is none of.
    """
    await check_known(house, request.collection)
    if isinstance(request, LiteratureRequest):
        hits, patient = await house.literature(request), None
    else:
        hits, patient = await house.cases(request), request.patient
    await by.searched(
        request.tool,
        request.query,
        (hit.source for hit in hits),
        collection=request.collection,
        patient=patient,
    )
    return hits


async def check_known(house: House, collection: str) -> None:
    """Refuse a collection that there is none of; `default` is one before anything is in it.

    Raises:
        RadciteError: `NOT_FOUND` naming it.
    """
    if collection != "default" and await house.ledger.collection(collection) is None:
        raise RadciteError("NOT_FOUND", f"collection {collection}", f"集合 {collection}")


async def find(house: House, options: SearchOptions) -> Sequence[Hit]:
    """The hits, best first, of a search at this machine.

    Raises:
        RadciteError: `VALIDATION` for an empty search, `NOT_FOUND` for a collection that there is none of; the
            reader's codes for an image.
    """
    by = house.auditor()
    async with by.guard("search"), house.show_images(options.images) as images:
        return await audited_search(house, _request(house, options, images), by)


def _request(
    house: House, options: SearchOptions, images: tuple[str, ...]
) -> LiteratureRequest | CaseRequest:
    with checked():
        if options.what == "literature":
            return LiteratureRequest(
                query=options.query,
                images=images,
                collection=options.collection,
                limit=options.limit,
                group=options.group,
                language=options.language,
                mode=options.mode,
            )
        return CaseRequest(
            query=options.query,
            images=images,
            collection=options.collection,
            limit=options.limit,
            patient=patient_pseudonym(house, options.patient),
            exclude=options.exclude,
            modality=options.modality,
            body_part=options.body_part,
            language=options.language,
            mode=options.mode,
        )


def patient_pseudonym(house: House, patient: str | None) -> str | None:
    """The pseudonym under which a patient's cases are stored."""
    return pseudonym(house.secret, "patient", patient) if patient else None


async def asked_patient(house: House, patient: str | None) -> str | None:
    """The pseudonym of the patient a question is about; where there is a vault, it learns the id."""
    name = patient_pseudonym(house, patient)
    if name is not None and patient and house.vault_key is not None:
        sealed = house.vault_key.sealed(name, Original(patient_id=patient))
        await house.vault.keep(name, sealed, over=False)
    return name


def hit_json(hit: Hit) -> dict[str, Any]:
    """A hit as the published JSON."""
    return {
        "rank": hit.rank,
        "score": round(hit.score, 6),
        "cosine": None if hit.cosine is None else round(hit.cosine, 6),
        "coverage": None if hit.coverage is None else round(hit.coverage, 6),
        "source": hit.source.model_dump(mode="json"),
    }


def read_queries(path: Path, options: SearchOptions) -> Iterator[tuple[str, SearchOptions]]:
    """The queries of a JSONL file, each with its id; image paths are relative to the file.

    Raises:
        RadciteError: `RECORD_INVALID` naming the line, `NOT_FOUND` for a missing file.
    """
    if not path.is_file():
        raise RadciteError("NOT_FOUND", path.name)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise RadciteError(
            "RECORD_INVALID", f"{path.name}: not UTF-8", f"{path.name}：不是 UTF-8 编码"
        ) from exc
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = _QueryLine.model_validate_json(line)
        except ValidationError as exc:
            raise RadciteError("RECORD_INVALID", f"line {number}: id and query or image") from exc
        update = {
            "query": record.query,
            "images": tuple(path.parent / name for name in record.image),
            "patient": record.patient_id or options.patient,
            "exclude": (*record.exclude, *options.exclude),
        }
        yield record.id, options.model_copy(update=update)
