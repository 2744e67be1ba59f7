"""A run of an ingest: its files taken one by one, its studies put together at the end."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from radcite.core.errors import RadciteError
from radcite.core.ledger import FileRecord
from radcite.core.pseudonym import pseudonym
from radcite.core.sources import Case, ImageRef
from radcite.core.vectors import Pixels
from radcite.ingestion.archive import open_archive
from radcite.ingestion.articles.markup import Article
from radcite.ingestion.deid.patient_reports import headed_as_report
from radcite.ingestion.dicom.objects import DicomObject
from radcite.ingestion.discovery import FoundFile
from radcite.ingestion.documents import stored_document, take_articles
from radcite.ingestion.door import Door
from radcite.ingestion.instances import Instances, TakenObject, conflict
from radcite.ingestion.listed import RecordList, take_cases, take_passages
from radcite.ingestion.opening import Opened, Opener
from radcite.ingestion.parts import IngestParts
from radcite.ingestion.pdf.reading import PdfDocument
from radcite.ingestion.pictures.burned_in import HeldForReview
from radcite.ingestion.pictures.picture_set import PictureSet, pending_case
from radcite.ingestion.removal import displaced
from radcite.ingestion.report import STOPPING, Progress, Tally, Warned
from radcite.ingestion.studies import allotted, composed, pending_study, retired, without
from radcite.ingestion.writer import BatchWriter, PendingCase

__all__ = ["Run"]


@dataclass(slots=True)
class Run:
    """One run of an ingestor over some files, into one collection."""

    parts: IngestParts
    collection: str
    writer: BatchWriter
    instances: Instances
    tally: Tally = field(default_factory=Tally)
    _keys: set[str] = field(default_factory=set[str])
    _stood: list[str] = field(default_factory=list[str])
    _at_end: list[FileRecord] = field(default_factory=list[FileRecord])
    _placed: dict[str, set[str]] = field(default_factory=lambda: defaultdict[str, set[str]](set))

    @property
    def door(self) -> Door:
        """How the collection's files are read."""
        return self.parts.door(self.collection)

    @property
    def opener(self) -> Opener:
        """What opens them."""
        parts = self.parts
        return Opener(self.collection, parts.ledger, self.writer.states, self.door, parts.jobs)

    async def take(self, files: Sequence[FoundFile], progress: Progress | None = None) -> None:
        """Read files a few ahead and take them in their order."""
        sizes = {file: file.path.stat().st_size for file in files}
        done, total = 0, sum(sizes.values())
        async for file, reading in self.opener.read_ahead(files):
            try:
                await self._take(await reading)
            except RadciteError as error:
                if error.code in STOPPING:
                    raise
                self.tally.refuse(file.name, error)
            done += sizes[file]
            if progress:
                progress(done, total)

    async def finish(self) -> None:
        """Put the DICOM studies together, write what is left, and take out what was superseded."""
        gone = await displaced(self.parts.ledger, self.collection, self._placed)
        for each in self.instances.give_way(gone):
            error = conflict()
            await self.parts.images.drop(each.opened.digest)
            await self.opener.quarantine(each.opened.key, each.opened.kind, error)
            self.tally.refuse(each.opened.file.name, error)
        for study, objects in self.instances.studies().items():
            await self._add_study(study, objects, gone)
            await self.writer.finish_files([each.record for each in objects])
        await self.writer.finish_files(self._at_end)
        await self.writer.flush()
        if gone:
            await self.parts.withdraw(self.collection, gone)

    async def _add_study(
        self, study: str, came: Sequence[TakenObject], gone: Collection[str]
    ) -> None:
        """Compose a study's cases of what is stored and what came, less what makes way."""
        keys = {each.opened.key for each in came}
        stored = await self.parts.ledger.study_objects(self.collection, study)
        before = [one for one in without(stored, gone) if one.key not in keys]
        cases = allotted(before, [(each.opened.key, each.object) for each in came])
        places = {one.key: place for place, one in enumerate(stored)}
        for case_id, unordered in cases.items():
            objects = sorted(unordered, key=lambda one: places.get(one.key, len(places)))
            fresh = [one for one in objects if one.key in keys]
            if fresh and (case := composed(case_id, objects)) is not None:
                await self._add_case(case)
                self.writer.add_objects(fresh)
                self.writer.retire(retired(objects))
        if len(cases) > 1:
            warned = Warned(file=came[0].opened.file.name, code="PATIENTS_MIXED")
            self.tally.warnings.append(warned)

    async def _add_case(self, case: Case) -> None:
        earlier = await self.parts.ledger.case(self.collection, case.case_id)
        if case == earlier:
            return
        await self.writer.add_case(await pending_study(case, self.parts.images))
        self.tally.counts["cases"] += earlier is None
        shown = {ref.digest for ref in earlier.images} if earlier else set[str]()
        self.tally.counts["images"] += sum(ref.digest not in shown for ref in case.images)

    async def _take(self, opened: Opened) -> None:
        """Take a file; one of the same content as an earlier one is passed over.

        A list of cases is always read: images that it names may have changed.
        """
        again = opened.known or opened.key in self._keys
        self._keys.add(opened.key)
        if again and opened.kind != "cases":
            self.tally.counts["skipped"] += 1
        elif isinstance(opened.content, DicomObject):
            await self._take_dicom(opened, opened.content)
        elif opened.kind == "archive":
            await self._take_archive(opened)
        else:
            await self._take_sources(opened)
            await self.writer.finish_files([opened.record()])
        if not (again and opened.kind == "archive"):
            self._stands(opened)

    def _stands(self, opened: Opened) -> None:
        """Note where a file stood that was taken; a file that was refused supersedes nothing.

        An archive stands there with its members, so one that was not opened says nothing of them.
        """
        self._stood.append(opened.key)
        source = self._source(opened)
        if source is not None:
            self._placed[source].add(opened.key)

    def _source(self, opened: Opened) -> str | None:
        """The pseudonym of the place where a file stands."""
        origin = opened.file.origin
        return None if origin is None else pseudonym(self.parts.secret, "source", origin)

    def _listed(self, opened: Opened) -> RecordList:
        return RecordList(opened.file, opened.key, self._source(opened))

    async def _take_sources(self, opened: Opened) -> None:
        content = opened.content
        if opened.kind == "passages":
            await take_passages(self._listed(opened), self.writer, self.tally)
        elif opened.kind == "cases":
            parts = self.parts
            await take_cases(
                self._listed(opened),
                self.writer,
                self.tally,
                parts.images,
                self.door,
                parts.vault,
                confined=parts.confined,
            )
        elif isinstance(content, PdfDocument | Article | str):
            await self._take_document(opened, content)
        elif isinstance(content, tuple):
            await take_articles(content, opened.key, self.writer, self.tally)
        elif isinstance(content, PictureSet):
            pending = await pending_case(content, opened.digest, self.parts.images)
            await self.writer.add_case(pending, opened.key)
            self.tally.counts["cases"] += 1
            self.tally.counts["images"] += len(pending.pictures)
        elif isinstance(content, np.ndarray):
            await self._add_image(content, opened)

    async def _take_document(self, opened: Opened, content: PdfDocument | Article | str) -> None:
        if not isinstance(content, str):
            self.tally.warnings += [Warned(file=opened.file.name, code=w) for w in content.warnings]
        if isinstance(content, PdfDocument):
            await self._hold_report(opened, content)
        if isinstance(content, PdfDocument) and self.parts.pages is not None:
            await self.parts.pages.put(opened.digest, opened.file.path)
        stored = await asyncio.to_thread(stored_document, content, opened.digest)
        for figure, pixels in zip(stored.document.figures, stored.pictures, strict=True):
            await self.parts.images.put(figure.image, pixels)
        self.tally.counts["images"] += len(stored.pictures)
        self.tally.counts["documents"] += 1
        self.tally.counts["passages"] += await self.writer.add_document(stored, opened.key)

    async def _hold_report(self, opened: Opened, content: PdfDocument) -> None:
        """A PDF headed as a patient's report waits for a person: its pages are kept as they are."""
        words = headed_as_report(content.text)
        if not words or self.collection in self.parts.privacy.deidentified:
            return
        if await self.door.decision(opened.key) == "as it is":
            return
        error = await self.door.held(opened.key, HeldForReview((), words), maskable=False)
        await self.opener.quarantine(opened.key, opened.kind, error)
        raise error

    async def _add_image(self, pixels: Pixels, opened: Opened) -> None:
        digest = opened.digest
        ref = ImageRef(digest=digest, uri=await self.parts.images.put(digest, pixels))
        case = Case(case_id=f"image-{digest[:16]}", images=(ref,))
        await self.writer.add_case(PendingCase(case, digest, [(ref, pixels)]), opened.key)
        self.tally.counts.update(("cases", "images"))

    async def _take_dicom(self, opened: Opened, one: DicomObject) -> None:
        try:
            new = await self.instances.take(one, opened, self._source(opened), self._keys)
        except RadciteError as error:
            await self.opener.quarantine(opened.key, opened.kind, error)
            raise
        if not new:
            self.tally.counts["skipped"] += 1
        elif one.is_picture and one.pixels is not None:
            await self.parts.images.put(opened.digest, one.pixels, one.key_frame or 0)
        if self.parts.vault is not None and one.sealed is not None:
            await self.parts.vault.keep(one.patient, one.sealed, over=True)

    async def _take_archive(self, opened: Opened) -> None:
        """Take the members of an archive; one with a member that may be read another time is opened again then."""
        before, refused = len(self._stood), len(self.tally.quarantined)
        async with open_archive(opened.file.path, self.parts.pool.limits) as members:
            number = 0
            async for path in members:
                number += 1
                name = f"{opened.file.name} #{number}"
                await self.take([FoundFile(path, name, opened.file.origin)])
        self.writer.link_members(opened.key, self._stood[before:])
        codes = {one.code for one in self.tally.quarantined[refused:]}
        again = codes - {"UNSUPPORTED_FILE"}
        self._at_end.append(opened.record("seen" if again else "indexed"))
