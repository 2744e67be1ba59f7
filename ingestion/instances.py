"""The DICOM objects of a run: each is new, the same as one that is stored, in its place, or in conflict with it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from radcite.core.errors import RadciteError
from radcite.core.ledger import FileRecord, Ledger
from radcite.core.study_objects import StudyObject
from radcite.ingestion.dicom.objects import DicomObject
from radcite.ingestion.opening import Opened

__all__ = ["Instances", "TakenObject", "conflict"]


@dataclass(frozen=True, slots=True)
class TakenObject:
    """An object with its file. `in_place_of` are files at the same place that hold other content of its instance."""

    opened: Opened
    content: str
    object: StudyObject
    in_place_of: tuple[str, ...] = ()

    @property
    def record(self) -> FileRecord:
        """Its file in the ledger."""
        told = {"instance": self.object.instance, "content": self.content}
        return self.opened.record().model_copy(update=told)


@dataclass(slots=True)
class Instances:
    """Takes the objects of a run, without their pixels, and keeps them until their studies are put together.

    Args:
        collection: Where they go.
        ledger: What knows the objects of earlier runs.
    """

    collection: str
    ledger: Ledger
    _taken: dict[str, TakenObject] = field(default_factory=dict[str, TakenObject])
    _holding: dict[str, list[TakenObject]] = field(default_factory=dict[str, list[TakenObject]])

    async def take(
        self, one: DicomObject, opened: Opened, source: str | None, standing: Collection[str]
    ) -> bool:
        """Take an object; whether it is new, and not one that another file gave in another transfer syntax.

        Args:
            one: The object.
            opened: Its file.
            source: The pseudonym of the place where that stands; None for none.
            standing: Files that stand there or elsewhere in this run.

        Raises:
            RadciteError: `INSTANCE_CONFLICT` where another file, which does not make way for this one, holds the
                instance with other content.
        """
        instance, content = one.sop_instance, one.shown
        here = self._holding.setdefault(instance, [])
        held = await self.ledger.holding(self.collection, instance)
        stored = [each for each in held if each.key != opened.key]
        # What an earlier version took has no content to compare: the file that is read now stands in its place.
        other = [each for each in stored if each.content not in {None, content}]
        for each in other:
            sources = await self.ledger.sources(self.collection, each.key)
            if each.key in standing or source is None or sources != frozenset((source,)):
                raise conflict()
        if any(each.content != content for each in here):
            raise conflict()
        image = await self._image(here, [each for each in stored if each.content == content])
        told = one.told(opened.digest if image is None else image)
        taken = TakenObject(opened, content, told, tuple(each.key for each in other))
        self._taken[opened.key] = taken
        here.append(taken)
        return image is None

    async def _image(self, here: Sequence[TakenObject], stored: Sequence[FileRecord]) -> str | None:
        """Under which digest the same picture is stored, "" for the same object without one; None for a new object."""
        for each in here:
            return each.object.image
        for each in await self.ledger.objects_of(self.collection, [one.key for one in stored]):
            return each.object.image
        return None

    def studies(self) -> Mapping[str, list[TakenObject]]:
        """The objects by study, in the order in which they came."""
        grouped: dict[str, list[TakenObject]] = {}
        for each in self._taken.values():
            grouped.setdefault(each.object.study, []).append(each)
        return grouped

    def give_way(self, gone: Collection[str]) -> list[TakenObject]:
        """Leave out those in whose place something still stands, after all; which they were.

        Args:
            gone: The files that stand nowhere any more.
        """
        left_out = [each for each in self._taken.values() if not set(each.in_place_of) <= set(gone)]
        for each in left_out:
            del self._taken[each.opened.key]
        return left_out


def conflict() -> RadciteError:
    """Two files hold one instance with different content."""
    return RadciteError(
        "INSTANCE_CONFLICT",
        "another object has this SOP Instance UID and other content (pixels, words, patient, side or place)",
        "另一对象具有相同的 SOP Instance UID 但内容不同（像素、文字、患者、侧别或位置）",
    )
