"""What an image shows, as a trained model and the collection's own neighbours say it."""

from collections.abc import Sequence
from dataclasses import dataclass

from radcite.core.ports import ImageLabel, ImageLabeler, ImageStore
from radcite.core.sources import Box, Observation, Region
from radcite.tools.hits import Hit
from radcite.tools.labels import LabelRequest, NeighbourLabels

__all__ = ["MODEL_TOOL", "ImageLabels"]

MODEL_TOOL = "image_labels"

# A normal reading is never stated: a wrong one would reassure.
_UNSAID = frozenset({"no brain tumour", "no chest finding"})
# DICOM's names of what the model calls one.
_SAME = {"CR": "XR", "DX": "XR", "RG": "XR", "BRAIN": "HEAD", "SKULL": "HEAD", "THORAX": "CHEST"}


@dataclass(frozen=True, slots=True)
class ImageLabels:
    """The labels of the neighbours, and of the model where the neighbours say nothing of that kind.

    Where the two contradict each other neither is said. Without a model the neighbours speak alone.
    """

    neighbours: NeighbourLabels
    images: ImageStore
    labeler: ImageLabeler | None

    async def __call__(self, request: LabelRequest, /) -> Sequence[Hit]:
        """One region, the whole frame, for each label that can be stood by, the surest first.

        Raises:
            RadciteError: `NOT_FOUND` for an unknown image.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        near = await self.neighbours(request)
        if self.labeler is None:
            return near
        shown = [await self.images.pixels(digest) for digest in request.images]
        said = await self.labeler.label(shown)
        hits = list(near)
        for digest, pixels, labels in zip(request.images, shown, said, strict=True):
            frame = (0, 0, pixels.shape[1], pixels.shape[0])
            for label in labels:
                hits = self._beside(hits, digest, frame, label)
        surest = sorted(hits, key=lambda hit: -hit.score)
        return [
            Hit(hit.source, rank, hit.score, None, None, hit.encoder)
            for rank, hit in enumerate(surest, 1)
        ]

    def _beside(self, hits: list[Hit], digest: str, frame: Box, label: ImageLabel) -> list[Hit]:
        if self.labeler is None or label.value in _UNSAID:
            return hits
        own = next((hit for hit in hits if _is_of(hit, digest, label.kind)), None)
        if own is None:
            return [*hits, self._hit(digest, frame, label)]
        theirs = _value(own)
        known = theirs in self.labeler.values.get(label.kind, ())
        return [hit for hit in hits if hit is not own] if known and theirs != label.value else hits

    def _hit(self, digest: str, frame: Box, label: ImageLabel) -> Hit:
        model = self.labeler.fingerprint if self.labeler else ""
        observation = Observation(
            tool=MODEL_TOOL,
            version=model,
            value=f"{label.kind}: {label.value}",
            score=label.probability,
        )
        region = Region(image=digest, box=frame, observation=observation)
        return Hit(region, 1, label.probability, None, None, model)


def _is_of(hit: Hit, digest: str, kind: str) -> bool:
    source = hit.source
    return (
        isinstance(source, Region)
        and source.image == digest
        and source.observation.value.partition(": ")[0] == kind
    )


def _value(hit: Hit) -> str:
    value = hit.source.observation.value if isinstance(hit.source, Region) else ""
    said = value.partition(": ")[2]
    return _SAME.get(said.upper(), said)
