"""Every trace of a patient, document, case, study or collection leaves a data folder, and what went is told."""

import asyncio
import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from radcite.apps.upkeep.dropping import stores_of
from radcite.apps.upkeep.threads import drop_remembered, remembered
from radcite.core.errors import RadciteError
from radcite.core.frozen import Frozen
from radcite.core.pseudonym import pseudonym
from radcite.core.traces import Remembered, Traces, mentions
from radcite.ingestion.removal import Leaving, forget_identities, leaving, remove
from radcite.ingestion.sync import rebuild_index

if TYPE_CHECKING:
    from radcite.apps.wiring import House
    from radcite.core.review import Report

__all__ = [
    "EVER",
    "Forgotten",
    "Target",
    "forget",
    "forget_on_record",
]

EVER = "9999"
"""After every time."""


class Target(Frozen):
    """What is to be forgotten: these, in one collection or in all; a collection alone means the whole of it.

    A patient and a study are named by their own ids or by their pseudonyms.
    """

    patient: str | None = None
    documents: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    collection: str | None = None

    @property
    def whole(self) -> bool:
        """Whether a whole collection is meant."""
        return not (self.patient or self.documents or self.cases or self.studies or self.threads)


class Forgotten(Frozen):
    """What went, or with `dry_run` would go. `kept_reports` are signed reports that were left in place."""

    dry_run: bool
    collections: tuple[str, ...] = ()
    documents: int = 0
    cases: int = 0
    points: int = 0
    images: int = 0
    pages: int = 0
    files: int = 0
    studies: int = 0
    turns: int = 0
    threads: int = 0
    reports: int = 0
    identities: int = 0
    kept_reports: tuple[str, ...] = ()

    def plus(self, other: "Forgotten") -> "Forgotten":
        """Both together."""
        sums = {name: value + getattr(other, name) for name, value in self if name != "dry_run"}
        return self.model_copy(update=sums)

    @property
    def nothing(self) -> bool:
        """Whether there is no trace at all."""
        return not any(value for name, value in self.model_dump().items() if name != "dry_run")


@dataclass(frozen=True, slots=True)
class _Plan:
    leaving: Sequence[Leaving]
    traces: Traces
    whole: str | None
    studies: Sequence[str]
    remembered: Remembered
    reports: Sequence["Report"]
    kept: Sequence["Report"]
    staying: Sequence["Report"]


async def forget(
    house: "House", target: Target, *, dry_run: bool = False, signed_reports: bool = False
) -> Forgotten:
    """Remove every trace; may be killed at any point, and asking again finishes it.

    A drafted report and a turn of a conversation that cite what goes, go too. Signed reports are a record of
    care and stay, listed, unless they are asked for. The audit record keeps its keyed names.

    Raises:
        RadciteError: `VALIDATION` for a target that names nothing, `NOT_FOUND` when there is no trace.
    """
    async with house.writing():
        return await _forget(house, target, dry_run=dry_run, signed_reports=signed_reports)


async def forget_on_record(
    house: "House", target: Target, *, dry_run: bool = False, signed_reports: bool = False
) -> Forgotten:
    """`forget` as a user asks for it: one event with pseudonym and keyed names before it, and one of its failure."""
    by = house.auditor()
    subjects = (
        *(by.keyed("document", name) for name in target.documents),
        *(by.keyed("case", name) for name in target.cases),
        *(by.keyed("study", name) for name in target.studies),
    )
    patient = _patient(house, target.patient) if target.patient else None
    async with by.guard("forget"):
        await by.note(
            "read" if dry_run else "remove",
            "forget dry run" if dry_run else "forget",
            collection=target.collection,
            patient=patient,
            subjects=subjects,
        )
        return await forget(house, target, dry_run=dry_run, signed_reports=signed_reports)


async def _forget(
    house: "House", target: Target, *, dry_run: bool, signed_reports: bool
) -> Forgotten:
    plan = await _planned(house, target, signed_reports=signed_reports)
    talked = await house.conversations.find(plan.traces)
    talking = await house.conversations.older(studies="", threads=EVER)
    digests = await _pictures(house, plan)
    told = Forgotten(
        dry_run=dry_run,
        collections=(plan.whole,) if plan.whole else (),
        documents=sum(len(each.documents) for each in plan.leaving),
        cases=sum(len(each.cases) for each in plan.leaving),
        images=len(digests),
        pages=sum(len(each.pages) for each in plan.leaving),
        files=sum(len(each.files) for each in plan.leaving),
        studies=len(talked.studies),
        turns=talked.turns,
        threads=talked.threads + len(set(plan.remembered.threads) - set(talking.threads)),
        reports=len(plan.reports),
        kept_reports=tuple(one.report_id for one in plan.kept),
    )
    if told.nothing:
        # Somebody may be in the vault of whom nothing else was ever stored.
        vaulted = 0 if dry_run else await forget_identities(stores_of(house), plan.traces.patients)
        if vaulted:
            return told.model_copy(update={"identities": vaulted})
        raise RadciteError("NOT_FOUND", "no trace of it is stored", "没有存储任何相关内容")
    if dry_run:
        points = [await _points(house, each) for each in plan.leaving]
        return told.model_copy(update={"points": sum(points)})
    points, vaulted = await _carry_out(house, plan, digests)
    vaulted += await forget_identities(stores_of(house), plan.traces.patients)
    return told.model_copy(update={"points": points, "identities": vaulted})


async def _planned(house: "House", target: Target, *, signed_reports: bool) -> _Plan:
    if target.whole and target.collection is None:
        raise RadciteError(
            "VALIDATION",
            "name a patient, document, case, study, conversation or collection",
            "请指定患者、文档、病例、检查、会话或集合",
        )
    ledger = house.ledger
    records = await ledger.collections()
    names = [one.name for one in records if target.collection in {None, one.name}]
    found: list[Leaving] = []
    for name in names:
        documents, cases = await _owners(house, target, name)
        found.append(await leaving(stores_of(house), name, documents=documents, cases=cases))
    traces = Traces(
        collection=target.collection,
        whole=target.whole,
        documents=frozenset(name for each in found for name in each.documents),
        cases=frozenset(name for each in found for name in each.cases),
        patients=frozenset({_patient(house, target.patient)} if target.patient else ()),
        studies=frozenset(target.studies),
        threads=frozenset(target.threads),
    )
    studies = (await house.conversations.find(traces)).digests
    traces = traces.model_copy(update={"images": frozenset(studies)})
    drafted = await house.reviews.reports(None)
    reports = [
        one
        for one in drafted
        if traces.within(one.collection) and (traces.whole or mentions(one, traces))
    ]
    signed = [one for one in reports if one.signatures and not signed_reports]
    going = [one for one in reports if one not in signed]
    return _Plan(
        leaving=found,
        traces=traces,
        whole=target.collection if target.whole and names else None,
        studies=studies,
        remembered=await remembered(house, traces),
        reports=going,
        kept=signed,
        staying=[one for one in drafted if one not in going],
    )


async def _owners(
    house: "House", target: Target, collection: str
) -> tuple[Sequence[str], Sequence[str]]:
    ledger = house.ledger
    if target.whole:
        return await ledger.stored_before(collection, EVER)
    cases = [*target.cases, *target.studies]
    for study in target.studies:
        own = pseudonym(house.secret, "study", study)
        cases += [own, *(one.case_id for one in await ledger.study_objects(collection, own))]
        cases += [one.case_id for one in await ledger.study_objects(collection, study)]
    if target.patient:
        cases += await ledger.cases_of(collection, _patient(house, target.patient))
    cases += await _bare_pictures(house, collection, cases)
    return target.documents, list(dict.fromkeys(cases))


async def _bare_pictures(house: "House", collection: str, cases: Sequence[str]) -> list[str]:
    """Cases that are nothing but a picture that one of these shows: the file was also taken by itself."""
    ledger = house.ledger
    shown: set[str] = set()
    for name in cases:
        case = await ledger.case(collection, name)
        if case is not None:
            shown.update(ref.digest for ref in case.images)
    users = await ledger.image_users(shown)
    found: list[str] = []
    for where, name in sorted({user for each in users.values() for user in each}):
        case = await ledger.case(collection, name) if where == collection else None
        if case is not None and not case.patient and not case.searched_text():
            found.append(name)
    return found


def _patient(house: "House", patient: str) -> str:
    """The pseudonym, given it or the patient's own id."""
    own = patient.startswith("P-") and len(patient) == len("P-") + 16
    return patient if own else pseudonym(house.secret, "patient", patient)


async def _pictures(house: "House", plan: _Plan) -> frozenset[str]:
    """The pictures that nothing shows once it is done."""
    free = {digest for each in plan.leaving for digest in each.images}
    reported = {digest for one in plan.reports for digest in one.images}
    asked = {*plan.studies, *plan.remembered.images, *reported}
    users = await house.ledger.image_users(asked)
    going = {(each.collection, name) for each in plan.leaving for name in each.cases}
    held = await house.conversations.holds(asked) - set(plan.studies)
    free |= {digest for digest in asked if users.get(digest, frozenset()) <= going} - held
    return frozenset(free - {digest for one in plan.staying for digest in one.images})


async def _points(house: "House", each: Leaving) -> int:
    points = 0
    for name in each.cases:
        points += len(await house.ledger.points_of(each.collection, name))
    return points


async def _carry_out(house: "House", plan: _Plan, digests: Collection[str]) -> tuple[int, int]:
    """Do it; how many points and how many identities went."""
    points = identities = 0
    await house.conversations.forget(plan.traces)
    await house.reviews.forget([one.report_id for one in plan.reports])
    await drop_remembered(house, plan.remembered.threads)
    for digest in digests:
        await house.images.drop(digest)
    for digest in plan.studies:
        await house.frames.drop(digest)
    stores = stores_of(house)
    if any(each.documents for each in plan.leaving):
        # Answers of literature services, which would be fetched again.
        await asyncio.to_thread(shutil.rmtree, house.home / "cache", ignore_errors=True)
    for each in plan.leaving:
        removed = await remove(stores, each)
        points += removed.points
        identities += removed.identities
        if plan.whole == each.collection:
            await house.ledger.drop_collection(each.collection)
            await house.index.drop(each.collection)
        elif removed.points and house.settings.index.kind == "edge":
            # A point that the engine removed stands in its files until they are written anew.
            record = await house.ledger.collection(each.collection)
            if record is not None:
                await rebuild_index(house.ledger, house.index, record)
    await house.ledger.erase()
    await house.conversations.erase()
    await house.reviews.erase()
    return points, identities
