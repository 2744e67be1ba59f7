"""What the ledger keeps of each DICOM object, from which the case of its study is composed."""

from dataclasses import dataclass

from radcite.core.frozen import Frozen

__all__ = ["StoredObject", "StudyObject"]


class StudyObject(Frozen):
    """One DICOM object, de-identified: `study`, `series`, `instance` and `patient` are keyed pseudonyms.

    `patient` is "" where the object names none. `kind` names its SOP class. `spacing_mm` is between rows, then between
    columns; `position` and `orientation` are those of (0020,0032) and (0020,0037), in mm and as direction cosines;
    `slice_spacing_mm` is the median distance of its frames' planes. `frame` is the frame that stands for it, and
    `image` the digest under which that is stored, "" for an object without a picture. `text` is what it says;
    `refers_to` are the instances that one without a picture is about.

    `whole_case` marks words or a picture that an earlier version kept for a case as a whole: nobody knows which object
    gave them. `by_migration` marks every row that was made of what an earlier version kept.
    """

    study: str
    series: str
    instance: str
    patient: str = ""
    kind: str = ""
    modality: str = ""
    body_part: str = ""
    view: str = ""
    laterality: str = ""
    spacing_mm: tuple[float, float] | None = None
    slice_spacing_mm: float | None = None
    instance_number: int | None = None
    position: tuple[float, float, float] | None = None
    orientation: tuple[float, float, float, float, float, float] | None = None
    frame: int = 0
    image: str = ""
    text: str = ""
    refers_to: tuple[str, ...] = ()
    by_migration: bool = False
    whole_case: bool = False


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object with the key of the file that gave it and the case that it belongs to."""

    key: str
    case_id: str
    object: StudyObject
