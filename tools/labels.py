"""What an image is, as its nearest neighbours in the collection agree, with the accuracy measured there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal, get_args

import numpy as np

from radcite.core.frozen import Frozen
from radcite.core.ledger import LedgerPoint, SourceReader
from radcite.core.ports import Filter, ImageEncoder, ImageStore, Index, VectorQuery
from radcite.core.sources import Box, Case, Observation, Region
from radcite.core.vectors import Pixels, Vectors
from radcite.tools.hits import Hit

__all__ = ["LABEL_TOOL", "LabelName", "LabelRequest", "NeighbourLabels"]

LABEL_TOOL = "neighbour_labels"
LabelName = Literal["modality", "body_part", "view"]

_VERSION = "1"
_NEIGHBOURS = 5
_SAMPLE = 200
_FEWEST = 30
_LEAST_ACCURACY = 0.9
# An image less like its nearest neighbour than 95 % of the collection's own images is of another domain.
_STRANGE_QUANTILE = 0.05


class LabelRequest(Frozen):
    """Label the images of a question; `patient` is a pseudonym whose own images do not vote."""

    tool: Literal["neighbour_labels"] = LABEL_TOOL
    images: tuple[str, ...]
    collection: str = "default"
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class _Vote:
    nearest: float
    agreed: Mapping[LabelName, str]


@dataclass(frozen=True, slots=True)
class _Measured:
    """`least_like`: cosine below which an image is strange here, of so many `images`; `accuracy` by label."""

    images: int
    least_like: float
    accuracy: Mapping[LabelName, float]


@dataclass(frozen=True, slots=True)
class NeighbourLabels:
    """Modality, body part and view of an image, where its five nearest neighbours agree on it.

    The score is measured on the collection itself, by leaving out one patient after another: the lower end of
    the 95 % Wilson interval of the share of agreed labels that were right. Nothing is said where fewer than
    30 images could be measured on, where the score is below 0.9, or of an image unlike the collection's.
    """

    index: Index
    sources: SourceReader
    images: ImageStore
    encoder: ImageEncoder
    _known: dict[tuple[str, int], _Measured] = field(
        default_factory=dict[tuple[str, int], _Measured]
    )

    async def __call__(self, request: LabelRequest, /) -> Sequence[Hit]:
        """One region, the whole frame, for each label that can be stood by, the surest first.

        Raises:
            RadciteError: `NOT_FOUND` for an unknown image.
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        record = await self.sources.collection(request.collection)
        if record is None or record.image != self.encoder.fingerprint:
            return []
        measured = await self._measured(request.collection)
        if not measured.accuracy:
            return []
        pixels = [await self.images.pixels(digest) for digest in request.images]
        vectors = await self.encoder.encode(pixels)
        regions: list[Region] = []
        for digest, shown, row in zip(request.images, pixels, vectors, strict=True):
            vote = await self._vote(request.collection, row, request.patient, {digest})
            if vote is not None and vote.nearest >= measured.least_like:
                height, width = shown.shape[:2]
                regions += _regions(digest, (0, 0, width, height), vote, measured)
        surest = sorted(regions, key=lambda region: -(region.observation.score or 0.0))
        name = self.encoder.fingerprint
        return [
            Hit(region, rank, region.observation.score or 0.0, None, None, name)
            for rank, region in enumerate(surest, 1)
        ]

    async def around(
        self, request: LabelRequest, digest: str, pixels: Pixels
    ) -> Mapping[LabelName, frozenset[str]]:
        """The labels of the five nearest cases, whether or not they agree; none in a collection of other vectors.

        Raises:
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        record = await self.sources.collection(request.collection)
        if record is None or record.image != self.encoder.fingerprint:
            return {}
        (vector,) = await self.encoder.encode([pixels])
        voters = await self._voters(request.collection, vector, request.patient, {digest})
        return {
            name: frozenset(value for _, case in voters if (value := getattr(case, name)))
            for name in get_args(LabelName)
        }

    async def nearest(self, collection: str, shown: Sequence[Pixels]) -> list[float]:
        """The cosine of each image to the likest in the collection; 1 where there is none to compare with.

        Raises:
            DependencyDown: `RETRIEVAL_UNAVAILABLE`.
        """
        record = await self.sources.collection(collection)
        if record is None or record.image != self.encoder.fingerprint:
            return [1.0] * len(shown)
        vectors = await self.encoder.encode(shown)
        of_images = Filter(must={"kind": ("image",)})
        queries = [VectorQuery("image", vector, 1, of_images) for vector in vectors]
        found = await self.index.search(collection, queries)
        return [hits[0].score if hits else 1.0 for hits in found]

    async def least_like(self, collection: str) -> float | None:
        """The cosine to its nearest that 95 % of the collection's own images reach; None for fewer than 30 of them."""
        measured = await self._measured(collection)
        return measured.least_like if measured.images >= _FEWEST else None

    async def _vote(
        self, collection: str, vector: Vectors, patient: str | None, own: set[str]
    ) -> _Vote | None:
        voters = await self._voters(collection, vector, patient, own)
        if len(voters) < _NEIGHBOURS:
            return None
        cases = [case for _, case in voters]
        agreed: dict[LabelName, str] = {}
        for name in get_args(LabelName):
            values = {getattr(case, name) for case in cases}
            if len(values) == 1 and (value := values.pop()):
                agreed[name] = value
        return _Vote(voters[0][0], agreed)

    async def _voters(
        self, collection: str, vector: Vectors, patient: str | None, own: set[str]
    ) -> list[tuple[float, Case]]:
        conditions = Filter(
            must={"kind": ("image",)}, must_not={"patient": (patient,) if patient else ()}
        )
        query = VectorQuery("image", vector, 4 * _NEIGHBOURS, conditions)
        hits = (await self.index.search(collection, [query]))[0]
        scores = {hit.id: hit.score for hit in hits}
        found = await self.sources.resolve(collection, list(scores))
        return [
            (scores[point], source)
            for point, source in found
            if isinstance(source, Case) and not own & {ref.digest for ref in source.images}
        ][:_NEIGHBOURS]

    async def _measured(self, collection: str) -> _Measured:
        count = await self.index.count(collection)
        if (collection, count) not in self._known:
            points = await self.sources.image_points(collection, _SAMPLE)
            self._known[collection, count] = await self._measure(collection, points)
        return self._known[collection, count]

    async def _measure(self, collection: str, points: Sequence[LedgerPoint]) -> _Measured:
        nearest: list[float] = []
        right: dict[LabelName, list[bool]] = {name: [] for name in get_args(LabelName)}
        for point in points:
            if point.image is None:
                continue
            own = {point.payload["image"]}
            vote = await self._vote(collection, point.image, point.payload.get("patient"), own)
            if vote is None:
                continue
            nearest.append(vote.nearest)
            for name, value in vote.agreed.items():
                right[name].append(point.payload.get(name) == value)
        accuracy: dict[LabelName, float] = {
            name: _lower_bound(sum(hits), len(hits))
            for name, hits in right.items()
            if len(hits) >= _FEWEST
        }
        least_like = float(np.quantile(nearest, _STRANGE_QUANTILE)) if nearest else 1.0
        return _Measured(len(nearest), least_like, accuracy)


def _regions(digest: str, frame: Box, vote: _Vote, measured: _Measured) -> list[Region]:
    return [
        Region(
            image=digest,
            box=frame,
            observation=Observation(
                tool=LABEL_TOOL,
                version=_VERSION,
                value=f"{name}: {value}",
                score=round(measured.accuracy[name], 4),
            ),
        )
        for name, value in vote.agreed.items()
        if measured.accuracy.get(name, 0.0) >= _LEAST_ACCURACY
    ]


def _lower_bound(right: int, total: int) -> float:
    """Lower end of the 95 % interval of a share. Source: Wilson (1927)."""
    z = 1.96
    share = right / total
    centre = share + z * z / (2 * total)
    margin = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (centre - margin) / (1 + z * z / total)
