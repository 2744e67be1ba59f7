"""What an image shows, as a trained model and the collection's own neighbours say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radcite.core.ports import ImageLabel, ImageLabeler, ImageStore
from radcite.core.sources import Box, Observation, Region
from radcite.tools.hits import Hit
from radcite.tools.labels import LabelName, LabelRequest, NeighbourLabels

__all__ = ["MODEL_TOOL", "ImageLabels"]

MODEL_TOOL = "image_labels"

# Cosine of the model's own vectors from which an image is of a kind that the collection holds. On images of six sets
# with photographs, pictures of screens, noise, patterns and empty ones: an image in its own set .81 to .98 (half of
# them above .89), the others in any set .88 at most, photographs .86.
_AT_HOME = 0.87
# What seems to be radiology is a stranger where its likest is this much less like it than the collection's own images
# are to each other; or, where there are too few to measure that on, below a cosine that no other kind reached: chest
# films among brain slices .54 at most, in their own set .81 at least.
_MARGIN = 0.1
_UNLIKE = 0.6
# A normal reading is never stated: a wrong one would reassure.
_UNSAID = frozenset({"no brain tumour", "no chest finding"})
# DICOM's names of what the model calls one.
_SAME = {
    "CR": "XR",
    "DX": "XR",
    "RG": "XR",
    "BRAIN": "HEAD",
    "SKULL": "HEAD",
    "THORAX": "CHEST",
    "ABD": "ABDOMEN",
}


@dataclass(frozen=True, slots=True)
class ImageLabels:
    """The labels of the neighbours, and of the model where the neighbours say nothing of that kind.

    What none of the image's nearest cases in the collection bears out is not said, nor is a finding where modality or
    body part were not borne out. Without a model the neighbours speak alone.
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
        hits = list(await self.neighbours(request))
        if self.labeler is None:
            return hits
        shown = [await self.images.pixels(digest) for digest in request.images]
        said = await self.labeler.label(shown)
        for digest, pixels, labels in zip(request.images, shown, said, strict=True):
            around = await self.neighbours.around(request, digest, pixels)
            there = {_kind(hit) for hit in hits if _image(hit) == digest}
            frame = (0, 0, pixels.shape[1], pixels.shape[0])
            hits += [
                self._hit(digest, frame, label)
                for label in _borne_out(labels, around)
                if label.kind not in there
            ]
        surest = sorted(hits, key=lambda hit: -hit.score)
        return [
            Hit(hit.source, rank, hit.score, None, None, hit.encoder)
            for rank, hit in enumerate(surest, 1)
        ]

    async def strangers(self, images: Sequence[str], collection: str) -> frozenset[str]:
        """The images that are no radiology, or of another kind of it, and unlike all that the collection holds.

        A blood smear is at home among smears; a photograph, noise or an empty image is nowhere, and a chest film is not
        among slices of heads. None without a model.

        Raises:
            RadciteError: `NOT_FOUND` for an unknown image.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        if self.labeler is None or not images:
            return frozenset()
        shown = [await self.images.pixels(digest) for digest in images]
        read = await self.labeler.read(shown)
        near = await self.neighbours.nearest(collection, shown)
        usual = await self.neighbours.least_like(collection)
        own_space = self.neighbours.encoder.fingerprint == self.labeler.fingerprint
        least = _AT_HOME if own_space or usual is None else usual
        unlike = _UNLIKE if usual is None else usual - _MARGIN
        return frozenset(
            digest
            for digest, one, cosine in zip(images, read, near, strict=True)
            if cosine < (least if one.is_foreign else unlike)
        )

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


def _borne_out(
    labels: Sequence[ImageLabel], around: Mapping[LabelName, frozenset[str]]
) -> list[ImageLabel]:
    near = {
        kind: {_SAME.get(v.upper(), v.upper()) for v in values} for kind, values in around.items()
    }
    against = {one.kind for one in labels if near.get(one.kind) and one.value not in near[one.kind]}
    if against & {"modality", "body_part"}:
        # An image so unlike what it was taken for may be of another domain altogether.
        return []
    return [one for one in labels if one.kind not in against and one.value not in _UNSAID]


def _kind(hit: Hit) -> str:
    source = hit.source
    return source.observation.value.partition(": ")[0] if isinstance(source, Region) else ""


def _image(hit: Hit) -> str:
    return hit.source.image if isinstance(hit.source, Region) else ""
