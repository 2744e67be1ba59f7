"""The privacy gate's keys: what turns identifiers into pseudonyms, the same in every process of a site."""

import hmac
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

from radcite.backends.state.vault_key import VaultKey
from radcite.core.pseudonym import names_nobody, pseudonym
from radcite.core.settings import PrivacySettings
from radcite.core.vault import Original
from radcite.ingestion.dicom.attributes import text

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

__all__ = ["Gate", "Identity", "Release"]

Release = Literal["masked", "as it is"]
_MOST_DAYS = 3650
_UUID_ROOT = "2.25."


@dataclass(frozen=True, slots=True)
class Identity:
    """Pseudonyms of an object and of what it belongs to; `patient` is "" where the file names none."""

    patient: str
    study: str
    series: str
    instance: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What every reader of files is handed, so that nothing identifying leaves the worker process.

    Args:
        secret: The site's key. Without one a key is drawn that dies with the process: still no
            identifier comes through, but a second process makes other pseudonyms.
        settings: How the site wants it.
        vault_key: What seals a patient's original identity for the vault, where there is one.
        release: What a reviewer decided about a held file: its text masked, or the image as it is.
    """

    secret: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    settings: PrivacySettings = field(default_factory=PrivacySettings)
    release: Release | None = None
    vault_key: VaultKey | None = field(default=None, repr=False)

    def identity(self, dataset: "Dataset") -> Identity:
        """The pseudonyms of a dataset that still has its identifiers.

        Without a study or series of its own an object is one by itself.
        """
        patient, instance = text(dataset, "PatientID"), text(dataset, "SOPInstanceUID")
        study = text(dataset, "StudyInstanceUID") or instance
        series = text(dataset, "SeriesInstanceUID") or instance
        return Identity(
            patient="" if names_nobody(patient) else pseudonym(self.secret, "patient", patient),
            study=pseudonym(self.secret, "study", study),
            series=pseudonym(self.secret, "series", series),
            instance=self.instance(instance),
        )

    @property
    def masks_doubts(self) -> bool:
        """Whether words that may be a name go like those that are: by the settings, or as a reviewer decided."""
        return self.release == "masked" or self.settings.doubtful_names == "mask"

    def sealed(self, dataset: "Dataset") -> bytes | None:
        """The patient of a dataset that still has its identifiers, sealed; None without a vault or a patient."""
        patient = text(dataset, "PatientID")
        if self.vault_key is None or names_nobody(patient):
            return None
        original = Original(
            patient_id=patient,
            name=text(dataset, "PatientName"),
            birth_date=text(dataset, "PatientBirthDate"),
        )
        return self.vault_key.sealed(pseudonym(self.secret, "patient", patient), original)

    def instance(self, uid: str) -> str:
        """The pseudonym of an instance, by which others may refer to it."""
        return pseudonym(self.secret, "instance", uid)

    def shown(self, digest: bytes) -> str:
        """What stands for the digest of what an object shows: of its content nobody without the key can tell."""
        return self._keyed("shown", digest.hex()).hex()

    def uid(self, value: str) -> str:
        """The UID that stands for another one, wherever that occurs.

        Source: DICOM PS3.5 B.2 (a UUID as a UID).
        """
        return f"{_UUID_ROOT}{int.from_bytes(self._keyed('uid', value)[:16], 'big')}"

    def days_back(self, owner: str) -> int:
        """By how many days the dates of a patient (or of a study of nobody) go back: 1 to 3650."""
        return 1 + int.from_bytes(self._keyed("shift", owner)[:8], "big") % _MOST_DAYS

    def words(self, owner: str) -> bytes:
        """The key of the placeholders in a patient's texts: one value has one placeholder in all of them."""
        return self._keyed("words", owner)

    def _keyed(self, kind: str, value: str) -> bytes:
        return hmac.new(self.secret, f"{kind}\x1f{value}".encode(), sha256).digest()
