"""A pydicom decoder on imagecodecs, which is exact, fast, permissive and frees the interpreter lock.

pydicom looks a plugin up by module and function name and asks its `is_available` and
`DECODER_DEPENDENCIES`. This one is asked first for JPEG and JPEG-LS; pydicom's own stand in where it fails.
JPEG 2000 and RLE are left to pylibjpeg, which is as fast, and HTJ2K too: this codec drops its own errors there,
and what it gives for a damaged codestream is whatever stood in memory.
"""

from functools import cache
from typing import cast

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import uid
from pydicom.pixels.decoders.base import DecodeRunner, get_decoder

__all__ = ["DECODER_DEPENDENCIES", "decode_frame", "install", "is_available"]

_JPEG = frozenset(
    {uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1}
)
_JPEG_LS = frozenset({uid.JPEGLSLossless, uid.JPEGLSNearLossless})
_LOSSY_JPEG = frozenset({uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit})
_YBR = frozenset({"YBR_FULL", "YBR_FULL_422"})
_LABEL = "imagecodecs"
# Padded to an even length, and sometimes beyond.
_END_OF_IMAGE, _END_WITHIN = b"\xff\xd9", 64
# Under this the runner keeps the colour model of the codestream, once its own says RGB.
_CODED = "coded_photometric_interpretation"

DECODER_DEPENDENCIES = dict.fromkeys(_JPEG | _JPEG_LS, ("imagecodecs",))


def is_available(transfer_syntax: str) -> bool:
    """Whether this plugin decodes the transfer syntax."""
    return transfer_syntax in DECODER_DEPENDENCIES


@cache
def install() -> None:
    """Make the plugin known to pydicom, before its own decoders."""
    for syntax in DECODER_DEPENDENCIES:
        decoder = get_decoder(syntax)
        others = decoder.available_plugins
        for name in others:
            decoder.remove_plugin(name)
        decoder.add_plugin(_LABEL, (__name__, decode_frame.__name__))
        for name in others:
            decoder.add_plugin(name, (f"pydicom.pixels.decoders.{name}", "_decode_frame"))


def decode_frame(src: bytes, runner: DecodeRunner) -> bytes:
    """Samples of one encoded frame, colour by pixel, lossy YBR as RGB and all else as it is stored.

    The runner learns how many bits a decoded sample takes, for a codestream may be narrower than
    (0028,0100) Bits Allocated, and when the colours are RGB by now.

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
    # pydicom asks for bytes and reads any buffer: these are neither copied nor locked against writing.
    return cast("bytes", np.ascontiguousarray(frame).view(np.uint8).reshape(-1).data)


def _decode(src: bytes, runner: DecodeRunner) -> NDArray[np.generic]:
    if runner.transfer_syntax in _JPEG_LS:
        return imagecodecs.jpegls_decode(src)
    # The codec fills up with grey what is not there, and says nothing.
    if _END_OF_IMAGE not in src[-_END_WITHIN:]:
        raise ValueError("the codestream has no end")
    if runner.samples_per_pixel != 3:
        return imagecodecs.jpeg8_decode(src)
    coded = str(runner.get_option(_CODED, runner.photometric_interpretation))
    if runner.transfer_syntax in _LOSSY_JPEG and coded in _YBR:
        # The codec converts while it decodes, at a fifth of what pydicom's conversion costs.
        frame = imagecodecs.jpeg8_decode(src, colorspace="YCBCR", outcolorspace="RGB")
        runner.set_option(_CODED, coded)
        runner.set_option("photometric_interpretation", "RGB")
        return frame
    # Naming the same space on both sides keeps the codec from converting.
    return imagecodecs.jpeg8_decode(src, colorspace="RGB", outcolorspace="RGB")
