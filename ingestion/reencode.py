"""Vectors made anew with other encoders, from the words and pixels that are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from radcite.core.ledger import CollectionRecord, Ledger, LedgerPoint
from radcite.core.ports import DenseName, ImageEncoder, ImageStore, TextEncoder
from radcite.core.sources import Case, Passage
from radcite.core.vectors import Vectors

__all__ = ["Reencoder"]

_GROUP = 1_000
_IMAGES_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Reencoder:
    """Makes the vectors of a collection anew. Without a text encoder its texts have none."""

    ledger: Ledger
    images: ImageStore
    text: TextEncoder | None
    image: ImageEncoder

    async def __call__(self, record: CollectionRecord) -> CollectionRecord:
        """Every text vector, and those of images where another encoder made them; the collection's new record.

        May be killed at any point: until the end the collection says that it has no such vectors, so it is
        searched by words alone and never by vectors of two encoders. The index must be rebuilt afterwards.

        Raises:
            RadciteError: `NOT_FOUND` for an image whose pixels are gone.
        """
        looks_alike = record.image == self.image.fingerprint
        bare = record.model_copy(update={"text": None, "text_dim": None})
        if not looks_alike:
            bare = bare.model_copy(update={"image": None, "image_dim": None})
        await self.ledger.put_collection(bare)
        await self.ledger.acknowledge(record.name, [], 0)
        while True:
            points, removed, mark = await self.ledger.pending(record.name, _GROUP)
            if not points:
                break
            shown = [one for one in points if one.kind in {"image", "figure"}]
            await self._texts(
                record.name, [one.id for one in points if one.kind in {"passage", "case"}]
            )
            if not looks_alike:
                await self._images(record.name, shown)
            await self.ledger.acknowledge(record.name, removed, mark)
        renewed = self._renewed(bare)
        await self.ledger.put_collection(renewed)
        return renewed

    def _renewed(self, bare: CollectionRecord) -> CollectionRecord:
        text, image = self.text, self.image
        return bare.model_copy(
            update={
                "text": text.fingerprint if text else None,
                "text_dim": text.dim if text else None,
                "image": image.fingerprint,
                "image_dim": image.dim,
            }
        )

    async def _texts(self, collection: str, points: Sequence[str]) -> None:
        sources = await self.ledger.resolve(collection, points)
        vectors: dict[str, Vectors | None] = dict.fromkeys(points)
        if self.text is not None:
            read = [(key, each) for key, each in sources if each.language in self.text.languages]
            made = await self.text.encode([_words(each) for _, each in read])
            vectors |= {key: row for (key, _), row in zip(read, made, strict=True)}
        await self._put(collection, "text", vectors)

    async def _images(self, collection: str, points: Sequence[LedgerPoint]) -> None:
        # A few at a time: decoded images are large.
        for start in range(0, len(points), _IMAGES_AT_ONCE):
            some = points[start : start + _IMAGES_AT_ONCE]
            shown = [
                await self.images.pixels(
                    one.payload["image"], one.start if one.kind == "image" else 0
                )
                for one in some
            ]
            made = await self.image.encode(shown)
            found = {one.id: row for one, row in zip(some, made, strict=True)}
            await self._put(collection, "image", found)

    async def _put(
        self, collection: str, which: DenseName, vectors: Mapping[str, Vectors | None]
    ) -> None:
        if vectors:
            await self.ledger.put_vectors(collection, which, vectors)


def _words(source: Passage | Case) -> str:
    """What the writer encodes of a source."""
    if isinstance(source, Case):
        return source.searched_text()
    return f"{source.title}\n{source.text}"
