"""Text vectors made anew with another encoder, from the words that the ledger keeps."""

from radcite.core.ledger import CollectionRecord, Ledger
from radcite.core.ports import TextEncoder
from radcite.core.sources import Case, Passage
from radcite.core.vectors import Vectors

__all__ = ["reencode_texts"]

_GROUP = 1_000


async def reencode_texts(
    ledger: Ledger, record: CollectionRecord, encoder: TextEncoder | None
) -> CollectionRecord:
    """Every point's text vector by this encoder, or none without one; the collection's new record.

    May be killed at any point: until the end the collection says that it has no text vectors, so it is
    searched by words alone and never by vectors of two encoders. The index must be rebuilt afterwards.
    """
    bare = record.model_copy(update={"text": None, "text_dim": None})
    await ledger.put_collection(bare)
    await ledger.acknowledge(record.name, [], 0)
    while True:
        points, removed, mark = await ledger.pending(record.name, _GROUP)
        if not points:
            break
        worded = [point.id for point in points if point.kind != "image"]
        sources = await ledger.resolve(record.name, worded)
        vectors: dict[str, Vectors | None] = dict.fromkeys(worded)
        if encoder is not None:
            read = [(key, each) for key, each in sources if each.language in encoder.languages]
            made = await encoder.encode([_words(each) for _, each in read])
            vectors |= {key: row for (key, _), row in zip(read, made, strict=True)}
        await ledger.put_text_vectors(record.name, vectors)
        await ledger.acknowledge(record.name, removed, mark)
    if encoder is None:
        return bare
    renewed = record.model_copy(update={"text": encoder.fingerprint, "text_dim": encoder.dim})
    await ledger.put_collection(renewed)
    return renewed


def _words(source: Passage | Case) -> str:
    """What the writer encodes of a source."""
    if isinstance(source, Case):
        return source.searched_text()
    return f"{source.title}\n{source.text}"
