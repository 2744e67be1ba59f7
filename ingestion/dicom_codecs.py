"""A pydicom decoder on imagecodecs, for the transfer syntaxes permissive codecs leave open.

pydicom looks a plugin up by module and function name and asks its `is_available` and
`DECODER_DEPENDENCIES`. Its own decoders keep precedence: this one answers for what they cannot read
(JPEG lossless, JPEG-LS, 12-bit JPEG) and stands in where one of them fails.
"""

from functools import cache
from typing import TYPE_CHECKING

import imagecodecs
from pydicom import uid
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DECODER_DEPENDENCIES", "decode_frame", "install", "is_available"]

_JPEG = frozenset(
    {uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1}
)
_JPEG_LS = frozenset({uid.JPEGLSLossless, uid.JPEGLSNearLossless})
_LABEL = "imagecodecs"

DECODER_DEPENDENCIES = dict.fromkeys(_JPEG | _JPEG_LS, ("imagecodecs",))


def is_available(transfer_syntax: str) -> bool:
    """Whether this plugin decodes the transfer syntax."""
    return transfer_syntax in DECODER_DEPENDENCIES


@cache
def install() -> None:
    """Make the plugin known to pydicom, behind its own decoders."""
    for syntax in DECODER_DEPENDENCIES:
        get_decoder(syntax).add_plugin(_LABEL, (__name__, decode_frame.__name__))


def decode_frame(src: bytes, runner: DecodeRunner) -> bytes:
    """Samples of one encoded frame, colour by pixel, without any colour transformation.

    The runner learns how many bits a decoded sample takes: a codestream may be narrower than
    (0028,0100) Bits Allocated.

    Raises:
        Exception: Whatever the codec raises; pydicom turns it into its `RuntimeError`.
        ValueError: The codestream has another size than the dataset declares.
    """
    frame = _decode(src, runner)
    if frame.shape[:2] != (runner.rows, runner.columns):
        raise ValueError("the codestream and the dataset disagree on rows or columns")
    runner.set_option("bits_allocated", 8 * frame.itemsize)
    if runner.samples_per_pixel > 1:
        runner.set_option("planar_configuration", 0)
    return frame.tobytes()


def _decode(src: bytes, runner: DecodeRunner) -> "NDArray[np.generic]":
    if runner.transfer_syntax in _JPEG_LS:
        return imagecodecs.jpegls_decode(src)
    # Naming the same space on both sides keeps the codec from converting; pydicom does that.
    space = "RGB" if runner.samples_per_pixel == 3 else None
    return imagecodecs.jpeg8_decode(src, colorspace=space, outcolorspace=space)
