"""Images inside a message: base64 or a data URI, read as any file is."""

import asyncio
import base64
import binascii
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from radcite.apps.wiring import House
from radcite.core.errors import RadciteError
from radcite.ingestion.scratch import scratch_folder

__all__ = ["show_encoded"]

_MOST_BYTES = 24 << 20
_MOST_IMAGES = 8


@asynccontextmanager
async def show_encoded(house: House, images: Sequence[str]) -> AsyncGenerator[tuple[str, ...]]:
    """The digests of the images, which are shown while the block runs; nothing is kept of them.

    Args:
        house: Whose workers read them.
        images: Each a base64 text or a `data:` URI of a PNG, JPEG or DICOM file.

    Raises:
        RadciteError: `VALIDATION` for an address on the network or what is no base64, `LIMIT_EXCEEDED`, or the
            reader's code.
    """
    if len(images) > _MOST_IMAGES:
        raise RadciteError("LIMIT_EXCEEDED", f"{len(images)} > {_MOST_IMAGES} images")
    async with AsyncExitStack() as closing:
        async with scratch_folder() as folder:
            paths: list[Path] = []
            for number, image in enumerate(images):
                path = folder / str(number)
                await asyncio.to_thread(path.write_bytes, _decoded(image))
                paths.append(path)
            digests = await closing.enter_async_context(house.show_images(paths))
        yield digests


def _decoded(image: str) -> bytes:
    text = image
    if image.startswith("data:"):
        head, _, text = image.partition(",")
        if not head.endswith(";base64"):
            raise RadciteError(
                "VALIDATION", "an image is a base64 data URI", "图像须为 base64 数据 URI"
            )
    elif "://" in image[:16]:
        raise RadciteError(
            "VALIDATION", "images are sent, not fetched: use a data URI", "请以数据 URI 发送图像"
        )
    if len(text) > _MOST_BYTES * 4 // 3 + 4:
        raise RadciteError("LIMIT_EXCEEDED", f"an image > {_MOST_BYTES} bytes")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise RadciteError("VALIDATION", "an image is not base64", "图像不是 base64") from exc
