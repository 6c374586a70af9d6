"""PNG bytes of an indexed picture: one byte a pixel, colours from a table. After ISO/IEC 15948."""

import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["png_of"]

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
BITS: Final = 8
INDEXED: Final = 3
COLOURS_MAX: Final = 256


def png_of(pixels: NDArray[np.uint8], colours: list[tuple[int, int, int, int]]) -> bytes:
    r"""Encode a picture.

    pixels: shape (height, width), numbers of colours, the top row first. colours: red, green,
    blue, opacity, 0 to 255 each.

    >>> png_of(np.zeros((2, 3), np.uint8), [(255, 0, 0, 255)])[:4]
    b'\x89PNG'
    """
    if not 0 < len(colours) <= COLOURS_MAX or pixels.max(initial=0) >= len(colours):
        raise ValueError(f"{len(colours)} colours do not suit the pixels; give 1 to {COLOURS_MAX}")
    height, width = pixels.shape
    # Each line begins with its filter; 0 is none, which suits areas of one colour.
    lines = np.zeros((height, width + 1), np.uint8)
    lines[:, 1:] = pixels
    header = struct.pack(">IIBBBBB", width, height, BITS, INDEXED, 0, 0, 0)
    table = bytes(part for colour in colours for part in colour[:3])
    chunks = (
        (b"IHDR", header),
        (b"PLTE", table),
        (b"tRNS", bytes(colour[3] for colour in colours)),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
