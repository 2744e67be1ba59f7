"""Stored, de-identified images as a model is shown them: PNG data URIs, no larger than it makes use of."""

import asyncio
from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO

from radcite.backends.chat.openai import OpenAIChat
from radcite.backends.images.pixels import picture
from radcite.core.ports import ImageStore
from radcite.core.vectors import Pixels

__all__ = ["ShownImages"]

_LONGEST_SIDE = 1024
_MOST = 4


class ShownImages:
    """Shows images of the store to a served model that takes images, and to no other.

    What the store holds went through the privacy gate: pixels without headers, text burned into them masked.

    Args:
        images: De-identified pixels.
        chat: The served model; whether it takes images is asked once.
    """

    def __init__(self, images: ImageStore, chat: OpenAIChat) -> None:
        self._images = images
        self._chat = chat

    async def __call__(self, digests: Sequence[str]) -> tuple[str, ...]:
        """PNG data URIs of at most four images, the longer side at most 1,024 pixels; none for a model without eyes.

        Raises:
            RadciteError: `NOT_FOUND` for an image that is not stored.
        """
        if not digests or not await self._chat.sees():
            return ()
        stored = [await self._images.pixels(digest) for digest in digests[:_MOST]]
        return tuple([await asyncio.to_thread(_as_uri, pixels) for pixels in stored])


def _as_uri(pixels: Pixels) -> str:
    shown = picture(pixels)
    shown.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    written = BytesIO()
    shown.save(written, format="PNG")
    return f"data:image/png;base64,{b64encode(written.getvalue()).decode()}"
