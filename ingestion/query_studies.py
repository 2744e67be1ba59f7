"""Files that come with a question, put together as the study they are."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

from radcite.core.conversations import GateReport, StudyImage, StudySeries
from radcite.core.errors import RadciteError
from radcite.core.ports import ImageStore
from radcite.core.study_objects import StudyObject
from radcite.core.viewing import FrameStore
from radcite.ingestion.archive import open_archive
from radcite.ingestion.dicom.frames import read_frames
from radcite.ingestion.dicom.objects import DicomObject, read_dicom
from radcite.ingestion.dicom.series import group_series
from radcite.ingestion.discovery import FoundFile, digest_of, kind_of
from radcite.ingestion.door import Door
from radcite.ingestion.pictures.burned_in import read_picture
from radcite.ingestion.report import STOPPING, Quarantined

__all__ = ["StudyTaker", "TakenStudy"]


@dataclass(frozen=True, slots=True)
class TakenStudy:
    """The series of the files, what the gate did, and the files that were not taken."""

    series: tuple[StudySeries, ...]
    gate: GateReport
    refused: tuple[Quarantined, ...]
    patient: str | None


@dataclass(slots=True)
class StudyTaker:
    """Takes DICOM files, pictures and archives of them; each is read in a worker.

    Args:
        door: The workers and the gate.
        images: Where pictures go.
        frames: Where stored values go.
    """

    door: Door
    images: ImageStore
    frames: FrameStore
    _objects: list[StudyObject] = field(default_factory=list[StudyObject])
    _shown: dict[str, StudyImage] = field(default_factory=dict[str, StudyImage])
    _gates: list[GateReport] = field(default_factory=list[GateReport])
    _refused: list[Quarantined] = field(default_factory=list[Quarantined])

    async def __call__(
        self, files: Sequence[FoundFile], tell: Callable[[int, int], None] | None = None
    ) -> TakenStudy:
        """Read the files; `tell` is called with how many are done, and of how many.

        Raises:
            RadciteError: `STORAGE_LOW`, the refusal of the first file when none was taken, and `VALIDATION` for files
                of several patients.
        """
        for done, file in enumerate(files, 1):
            async with aclosing(self._opened(file)) as opened:
                async for one in opened:
                    await self._take(one)
            if tell:
                tell(done, len(files))
        if not self._objects and self._refused:
            first = self._refused[0]
            raise RadciteError(first.code, first.message)
        return TakenStudy(
            series=tuple(self._series()),
            gate=_together(self._gates),
            refused=tuple(self._refused),
            patient=self._patient(),
        )

    async def _opened(self, file: FoundFile) -> AsyncGenerator[FoundFile]:
        try:
            kind = await asyncio.to_thread(kind_of, file)
            if kind != "archive":
                yield file
                return
            async with open_archive(file.path, self.door.pool.limits) as members:
                number = 0
                async for path in members:
                    number += 1
                    yield FoundFile(path, f"{file.name} #{number}")
        except RadciteError as error:
            self._refuse(file, error)

    async def _take(self, file: FoundFile) -> None:
        try:
            kind = await asyncio.to_thread(kind_of, file)
            if kind not in {"dicom", "image"}:
                raise RadciteError(
                    "UNSUPPORTED_FILE",
                    "a study is DICOM, PNG or JPEG, or a zip of them",
                    "检查应为 DICOM、PNG、JPEG 或其压缩包",
                )
            await self._read(file.path, dicom=kind == "dicom")
        except RadciteError as error:
            if error.code in STOPPING:
                raise
            self._refuse(file, error)

    async def _read(self, path: Path, *, dicom: bool) -> None:
        key = await asyncio.to_thread(digest_of, path)
        digest = key.hex()
        one = await (self.door.read(read_dicom, path, key) if dicom else self._picture(path, key))
        if one.pixels is None:
            raise RadciteError("UNSUPPORTED_FILE", f"{one.sop_class_name} shows no image")
        read = await self.door.pool.run(partial(read_frames, hidden=one.hidden), path)
        await self.images.put(digest, one.pixels)
        await self.frames.put(digest, read.frames)
        self._objects.append(one.told(digest))
        self._gates.append(one.gate)
        self._shown[one.sop_instance] = read.image.model_copy(
            update={"digest": digest, "spacing_mm": one.spacing_mm}
        )

    async def _picture(self, path: Path, key: bytes) -> DicomObject:
        """A picture as an object without a header, a series of its own."""
        read, name = await self.door.read(read_picture, path, key), uuid4().hex
        return DicomObject(
            *("", "", "", "", 1),
            sop_instance=name,
            series=name,
            study=name,
            key_frame=0,
            pixels=read.pixels,
            hidden=read.hidden,
            gate=GateReport(removed=("EXIF",), redacted=len(read.hidden)),
        )

    def _patient(self) -> str | None:
        patients = {one.patient for one in self._objects if one.patient}
        if len(patients) > 1:
            raise RadciteError(
                "VALIDATION",
                f"the files are of {len(patients)} patients; send those of one",
                f"文件属于 {len(patients)} 位患者；请只发送一位患者的文件",
            )
        return next(iter(patients), None)

    def _refuse(self, file: FoundFile, error: RadciteError) -> None:
        self._refused.append(Quarantined(file=file.name, code=error.code, message=error.detail))

    def _series(self) -> list[StudySeries]:
        made: list[StudySeries] = []
        for series in group_series(self._objects):
            if series.key is None:
                continue
            first = series.key
            made.append(
                StudySeries(
                    modality=first.modality,
                    body_part=first.body_part,
                    view=first.view,
                    key=self._shown[first.instance].digest,
                    images=tuple(self._shown[one.instance] for one in series.objects),
                )
            )
        return made


def _together(gates: Sequence[GateReport]) -> GateReport:
    names = dict.fromkeys(name for gate in gates for name in gate.removed)
    burned = {gate.burned_in for gate in gates}
    return GateReport(
        removed=tuple(names),
        private=sum(gate.private for gate in gates),
        burned_in="yes" if "yes" in burned else "unknown" if "unknown" in burned else "no",
        redacted=sum(gate.redacted for gate in gates),
    )
